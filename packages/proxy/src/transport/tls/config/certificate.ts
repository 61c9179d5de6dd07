import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import type { TlsCertificate } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/common_pb";
import { readCertificateFields } from "../certificate-fields.ts";
import type { TlsCertificateConfig } from "../model.ts";
import { certificateBlocks, type PemBlock } from "../pem.ts";
import { compileOcspStaple } from "./ocsp.ts";
import { readPkcs12, type Pkcs12 } from "./pkcs12.ts";
import { pathOf, type SecretReader } from "./secret-reader.ts";

/** Envoy's name for it in a gauge: the beginning of a hash of nothing. */
const UNNAMED = "unnamed_cert_e3b0c442";

/** A certificate and its key, as they were read. */
interface Pair {
  /** The leaf first. */
  readonly chain: readonly X509Certificate[];
  readonly key: KeyObject;
}

/** One `TlsCertificate` with its files read, its key decrypted and checked against it; null with problems. */
export function compileCertificate(
  message: TlsCertificate,
  reader: SecretReader,
): TlsCertificateConfig | null {
  const { problems } = reader.ctx;
  const before = problems.list.length;
  const pair = message.pkcs12 === undefined ? readPem(message, reader) : readPfx(message, reader);
  if (pair === null) return null;
  const leaf = pair.chain[0]!;
  const config: TlsCertificateConfig = {
    chain: pair.chain.map((certificate) => certificate.toString()).join(""),
    privateKey: pair.key.export({ type: "pkcs8", format: "pem" }),
    ecdsaCurve: ecdsaCurveOf(leaf),
    names: serverNamesOf(leaf),
    ocspStaple: compileOcspStaple(message, leaf, reader),
    mustStaple: readCertificateFields(leaf.raw).mustStaple,
  };
  if (problems.list.length > before) return null;
  const path = pathOf(message.pkcs12 ?? message.certificateChain);
  reader.show("leaf", path, leaf.toString(), UNNAMED);
  return config;
}

function readPem(message: TlsCertificate, reader: SecretReader): Pair | null {
  const chain = readChain(message, reader);
  const key = chain === null ? null : readKey(message, chain[0]!, reader);
  return chain === null || key === null ? null : { chain, key };
}

function readPfx(message: TlsCertificate, reader: SecretReader): Pair | null {
  const path = pathOf(message.pkcs12);
  const fail = (text: string): null => {
    reader.ctx.problems.error(message, "pkcs12", text);
    return null;
  };
  for (const field of ["certificate_chain", "private_key"] as const) {
    const given = field === "private_key" ? message.privateKey : message.certificateChain;
    if (given !== undefined)
      return fail(`Certificate configuration can't have both pkcs12 and ${field}`);
  }
  const bytes = reader.read(message.pkcs12);
  const password = reader.read(message.password);
  if (bytes === null) return null;
  const content = tryPkcs12(bytes, password?.toString("utf8") ?? "");
  if (typeof content === "string") return fail(`Failed to load pkcs12 from ${path}: ${content}`);
  const { key, certificates } = content;
  const leaf = key === null ? undefined : certificates.find((one) => one.checkPrivateKey(key));
  if (key === null || leaf === undefined)
    return fail(`Failed to load certificate from ${path}: expected a key and its certificate`);
  const weakness = weaknessOf(leaf);
  if (weakness !== null) return fail(`Failed to load certificate from ${path}${weakness}`);
  return { key, chain: [leaf, ...certificates.filter((one) => one !== leaf)] };
}

/** A text says what is wrong. */
function tryPkcs12(bytes: Buffer, password: string): Pkcs12 | string {
  try {
    return readPkcs12(bytes, password);
  } catch (error) {
    return (error as Error).message;
  }
}

/** The leaf first; null with a problem. */
function readChain(message: TlsCertificate, reader: SecretReader): X509Certificate[] | null {
  const { problems } = reader.ctx;
  const source = message.certificateChain;
  const fail = (text: string): null => {
    problems.error(message, "certificate_chain", text);
    return null;
  };
  if (source === undefined) {
    return fail("Failed to load incomplete certificate from : certificate chain not set");
  }
  const path = pathOf(source);
  const bytes = reader.read(source);
  if (bytes === null) return null;
  if (bytes.length === 0) {
    return fail(`Failed to load incomplete certificate from ${path}: certificate chain not set`);
  }
  const chain = certificateBlocks(bytes.toString("latin1")).map(parse);
  if (chain.length === 0 || chain.includes(null)) {
    return fail(`Failed to load certificate chain from ${path}`);
  }
  const text = weaknessOf(chain[0]!);
  if (text !== null) return fail(`Failed to load certificate chain from ${path}${text}`);
  return chain as X509Certificate[];
}

function parse({ der }: PemBlock): X509Certificate | null {
  if (der === null) return null;
  try {
    const certificate = new X509Certificate(der);
    readCertificateFields(certificate.raw);
    return certificate;
  } catch {
    return null;
  }
}

/** IANA's numbers of the curves that Envoy takes. */
const CURVES: { readonly [name: string]: number } = {
  prime256v1: 23,
  secp384r1: 24,
  secp521r1: 25,
};
const RSA_BITS_MIN = 2048;

/** What Envoy holds against a key, behind the path; null for nothing. */
function weaknessOf({ publicKey }: X509Certificate): string | null {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  if (type === "rsa" && details!.modulusLength! < RSA_BITS_MIN)
    return ", only RSA certificates with 2048-bit or larger keys are supported";
  if (type === "ec" && !Object.hasOwn(CURVES, details!.namedCurve!))
    return ", only P-256, P-384 or P-521 ECDSA certificates are supported";
  return null;
}

function readKey(
  message: TlsCertificate,
  leaf: X509Certificate,
  reader: SecretReader,
): KeyObject | null {
  const source = message.privateKey;
  const path = pathOf(source);
  const fail = (text: string): null => {
    reader.ctx.problems.error(message, "private_key", text);
    return null;
  };
  if (source === undefined) return fail("Failed to load incomplete private key from path: ");
  const bytes = reader.read(source);
  const password = reader.read(message.password);
  if (bytes === null) return null;
  if (bytes.length === 0) return fail(`Failed to load incomplete private key from path: ${path}`);
  const key = parseKey(bytes, password);
  if (typeof key === "string") {
    return fail(`Failed to load private key from ${path}, Cause: ${key}`);
  }
  if (leaf.checkPrivateKey(key)) return key;
  const cause =
    key.asymmetricKeyType === leaf.publicKey.asymmetricKeyType
      ? "the key does not belong to the certificate (KEY_VALUES_MISMATCH)"
      : "the key is of another type than the certificate (KEY_TYPE_MISMATCH)";
  return fail(`Failed to load private key from ${path}, Cause: ${cause}`);
}

/** A key, or what is wrong, with BoringSSL's word for it. */
function parseKey(bytes: Buffer, password: Buffer | null): KeyObject | string {
  const text = bytes.toString("latin1");
  if (!/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text))
    return "no private key in PEM (NO_START_LINE)";
  const encrypted = text.includes("ENCRYPTED");
  if (encrypted && password === null)
    return "the key is encrypted and there is no password (BAD_PASSWORD_READ)";
  try {
    return createPrivateKey(
      encrypted ? { key: bytes, format: "pem", passphrase: password! } : bytes,
    );
  } catch {
    return encrypted
      ? "the key cannot be decrypted with this password (BAD_DECRYPT)"
      : "the key cannot be decoded (DECODE_ERROR)";
  }
}

function ecdsaCurveOf({ publicKey }: X509Certificate): number {
  return CURVES[publicKey.asymmetricKeyDetails?.namedCurve ?? ""] ?? 0;
}

function serverNamesOf(leaf: X509Certificate): string[] {
  const { alternativeNames } = readCertificateFields(leaf.raw);
  const names = alternativeNames.flatMap((name) => (name.type === "dns" ? [name.value] : []));
  if (names.length === 0) names.push(...commonNamesOf(leaf));
  return names.map((name) => name.toLowerCase());
}

/** A subject is a line for each of its parts. */
function commonNamesOf({ subject }: X509Certificate): string[] {
  // A certificate without a subject has none, in spite of its type.
  const lines = ((subject as string | undefined) ?? "").split("\n");
  return lines.filter((line) => line.startsWith("CN=")).map((line) => line.slice("CN=".length));
}
