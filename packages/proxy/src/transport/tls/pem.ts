import { X509Certificate } from "node:crypto";
import { newSecureContext } from "../native-tls.ts";
import { readCertificateFields } from "./certificate-fields.ts";

/** One block of a PEM text (RFC 7468, RFC 1421). */
export interface PemBlock {
  /** `CERTIFICATE`. */
  readonly label: string;
  /** Null when it is no base64. */
  readonly der: Buffer | null;
  /** With both of its lines. */
  readonly text: string;
}

const BLOCK = /-----BEGIN ([A-Z0-9 #]+)-----\s*\n([\s\S]*?)-----END \1-----/g;

/** All blocks in order; what stands between them does not count. */
function pemBlocks(text: string): PemBlock[] {
  return [...text.matchAll(BLOCK)].map((match) => ({
    label: match[1]!,
    der: decode(match[2]!),
    text: `${match[0]}\n`,
  }));
}

const CERTIFICATE_LABELS = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"];

/** The blocks that are certificates. */
export function certificateBlocks(text: string): PemBlock[] {
  return pemBlocks(text).filter(({ label }) => CERTIFICATE_LABELS.includes(label));
}

/** Whether these are the bytes of a certificate. */
export function isCertificate(der: Buffer): boolean {
  try {
    readCertificateFields(new X509Certificate(der).raw);
    return true;
  } catch {
    return false;
  }
}

/** The blocks that are revocation lists. */
export function revocationListBlocks(text: string): PemBlock[] {
  return pemBlocks(text).filter(({ label }) => label === "X509 CRL");
}

/** Whether OpenSSL can read the list. */
export function isRevocationList({ text }: PemBlock): boolean {
  try {
    newSecureContext({ crl: text });
    return true;
  } catch {
    return false;
  }
}

/** DER as a block. */
export function toPem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString("base64")
    .replaceAll(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function decode(body: string): Buffer | null {
  // Headers of RFC 1421 end with an empty line.
  const base64 = body
    .slice(body.includes(":") ? body.search(/\n\r?\n/) + 1 : 0)
    .replaceAll(/\s/g, "");
  return /^[A-Za-z0-9+/]+={0,2}$/.test(base64) && base64.length % 4 === 0
    ? Buffer.from(base64, "base64")
    : null;
}
