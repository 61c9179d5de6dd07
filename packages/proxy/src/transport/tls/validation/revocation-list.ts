import { verify, type KeyObject } from "node:crypto";
import { DER, derChildren, derTimeMs, oidText, readDer, type DerValue } from "../der.ts";
import { revocationListBlocks } from "../pem.ts";
import type { ParsedCertificate } from "./trust-anchors.ts";

/** One CRL (RFC 5280, 5.1). */
interface RevocationList {
  readonly issuer: Buffer;
  readonly thisUpdateMs: number;
  /** Infinity for no end. */
  readonly nextUpdateMs: number;
  /** Serial numbers, hex of the INTEGER's content. */
  readonly revoked: ReadonlySet<string>;
  readonly hasCriticalExtensions: boolean;
  readonly signed: Buffer;
  readonly algorithm: string;
  readonly signature: Buffer;
}

/** Digests of signature algorithms; null for those that have their own. */
const DIGESTS: Readonly<Record<string, string | null>> = {
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.3.101.112": null,
};

const PREFIX = "certificate revocation check against provided CRLs failed: ";

/** Revocation lists for a leaf alone (`only_verify_leaf_cert_crl`); OpenSSL in Node asks for one of each issuer. */
export class RevocationLists {
  readonly #lists: readonly RevocationList[];

  /** `pem` as main has checked it. */
  constructor(pem: string) {
    this.#lists = revocationListBlocks(pem).map(({ der }) => readList(der!));
  }

  /** What is wrong with the leaf of a chain that leads somewhere; null for nothing. */
  faultOf(leaf: ParsedCertificate, issuer: ParsedCertificate, nowMs: number): string | null {
    const lists = this.#lists.filter((list) => list.issuer.equals(leaf.fields.issuer));
    if (lists.length === 0) return `${PREFIX}unable to get certificate CRL`;
    for (const list of lists) {
      const fault = faultOfList(list, issuer.x509.publicKey, nowMs);
      if (fault !== null) return `${PREFIX}${fault}`;
      if (list.revoked.has(leaf.fields.serialNumber.toString("hex")))
        return `${PREFIX}certificate revoked`;
    }
    return null;
  }
}

function faultOfList(list: RevocationList, key: KeyObject, nowMs: number): string | null {
  const digest = DIGESTS[list.algorithm];
  if (digest === undefined || !verify(digest, list.signed, key, list.signature))
    return "CRL signature failure";
  if (list.hasCriticalExtensions) return "unhandled critical CRL extension";
  if (list.thisUpdateMs > nowMs) return "CRL is not yet valid";
  return list.nextUpdateMs < nowMs ? "CRL has expired" : null;
}

function readList(der: Buffer): RevocationList {
  const [tbs, algorithm, signature] = derChildren(readDer(der));
  const fields = derChildren(tbs!);
  const skip = fields[0]?.tag === DER.integer ? 1 : 0;
  const [, issuer, thisUpdate, ...rest] = fields.slice(skip);
  const next = rest.find(({ tag }) => tag === DER.utcTime || tag === DER.generalizedTime);
  const revoked = rest.find(({ tag }) => tag === DER.sequence);
  const extensions = rest.find(({ tag }) => tag === 0xa0);
  return {
    issuer: issuer!.encoded,
    thisUpdateMs: derTimeMs(thisUpdate!),
    nextUpdateMs: next === undefined ? Infinity : derTimeMs(next),
    revoked: new Set((revoked === undefined ? [] : derChildren(revoked)).map(serialOf)),
    hasCriticalExtensions: extensions !== undefined && hasCritical(extensions),
    signed: tbs!.encoded,
    algorithm: oidText(derChildren(algorithm!)[0]!.content),
    // The first octet counts unused bits, and there are none.
    signature: signature!.content.subarray(1),
  };
}

function serialOf(entry: DerValue): string {
  return derChildren(entry)[0]!.content.toString("hex");
}

function hasCritical(explicit: DerValue): boolean {
  return derChildren(derChildren(explicit)[0]!).some((extension) =>
    derChildren(extension).some(({ tag, content }) => tag === DER.boolean && content[0] !== 0),
  );
}
