import { KEY_USAGE } from "../certificate-fields.ts";
import type { ParsedCertificate } from "./trust-anchors.ts";

/** A chain that leads to a trusted certificate, or what keeps it from doing so. */
export type ChainResult =
  /** The leaf first, the trusted one last. */
  | { readonly path: readonly ParsedCertificate[] }
  /** `depth` counts from the leaf. */
  | { readonly error: string; readonly depth: number };

export interface ChainOptions {
  readonly trusted: readonly ParsedCertificate[];
  /** A trusted certificate ends a chain even when it is no root. */
  readonly partial: boolean;
  readonly allowExpired: boolean;
  /** OID of the extended key usage that the peer has to have, when its certificate names any. */
  readonly purpose: string;
  readonly nowMs: number;
}

export const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
export const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
const ANY_PURPOSE = "2.5.29.37.0";
/** Critical extensions that change nothing about a chain's trust here: certificate policies. */
const HARMLESS = new Set(["2.5.29.32"]);

const LENGTH_MAX = 20;

/**
 * Builds and checks a chain (RFC 5280, 6.1) where OpenSSL cannot be told how: it tells one fault of a chain alone, so one that
 * may be overlooked could hide one that may not. What is not understood is refused: name constraints, and unknown critical
 * extensions.
 * @param presented the leaf first, then in any order
 */
export function verifyChain(
  presented: readonly ParsedCertificate[],
  options: ChainOptions,
): ChainResult {
  const built = buildPath(presented, options);
  if ("error" in built) return built;
  for (const [depth, certificate] of built.path.entries()) {
    const error = faultOf(certificate, depth, options);
    if (error !== null) return { error, depth };
  }
  return built;
}

function buildPath(
  presented: readonly ParsedCertificate[],
  { trusted, partial }: ChainOptions,
): ChainResult {
  const path = [presented[0]!];
  while (path.length <= LENGTH_MAX) {
    const last = path.at(-1)!;
    const anchored = trusted.some(({ x509 }) => x509.raw.equals(last.x509.raw));
    const ownIssuer = isSelfIssued(last);
    if (anchored && (partial || ownIssuer)) return { path };
    const depth = path.length - 1;
    if (ownIssuer) {
      const where = depth === 0 ? "" : " in certificate chain";
      return { error: `self signed certificate${where}`, depth };
    }
    const issuer =
      trusted.find((candidate) => issued(candidate, last)) ??
      presented.find((candidate) => !path.includes(candidate) && issued(candidate, last));
    if (issuer === undefined) {
      const local = anchored ? "" : " local";
      return { error: `unable to get${local} issuer certificate`, depth };
    }
    path.push(issuer);
  }
  return { error: "certificate chain too long", depth: LENGTH_MAX };
}

function isSelfIssued({ fields }: ParsedCertificate): boolean {
  return fields.subject.equals(fields.issuer);
}

function issued(issuer: ParsedCertificate, certificate: ParsedCertificate): boolean {
  if (!issuer.fields.subject.equals(certificate.fields.issuer)) return false;
  return certificate.x509.verify(issuer.x509.publicKey);
}

/** Null for none. */
function faultOf(
  { x509, fields }: ParsedCertificate,
  depth: number,
  options: ChainOptions,
): string | null {
  if (fields.otherCritical.some((oid) => !HARMLESS.has(oid)) || fields.hasNameConstraints)
    return "unhandled critical extension";
  if (depth > 0) {
    if (!fields.isCa) return "invalid CA certificate";
    if (fields.keyUsage !== null && (fields.keyUsage & (1 << KEY_USAGE.keyCertSign)) === 0)
      return "invalid CA certificate";
    if (fields.pathLength < depth - 1) return "path length constraint exceeded";
  }
  const usages = fields.extendedKeyUsage;
  if (usages !== null && !usages.includes(options.purpose) && !usages.includes(ANY_PURPOSE))
    return "unsupported certificate purpose";
  if (options.allowExpired) return null;
  if (x509.validFromDate.getTime() > options.nowMs) return "certificate is not yet valid";
  return x509.validToDate.getTime() < options.nowMs ? "certificate has expired" : null;
}
