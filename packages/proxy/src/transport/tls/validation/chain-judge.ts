import type { X509Certificate } from "node:crypto";
import type { TlsContextConfig } from "../model.ts";
import type { PeerCertificates, VerifyFailure } from "../peer-verifier.ts";
import { CLIENT_AUTH, SERVER_AUTH, verifyChain, type ChainOptions } from "./chain.ts";
import type { VerificationConfig } from "./model.ts";
import { RevocationLists } from "./revocation-list.ts";
import { parseCertificate, parseCertificates, type ParsedCertificate } from "./trust-anchors.ts";

/** Says whether a peer's chain leads to a trusted certificate. */
export interface ChainJudge {
  verify(peer: PeerCertificates): VerifyFailure | null;
}

/** As Envoy has it. */
export function chainFailure(error: string, depth: number): VerifyFailure {
  return {
    text: `X509_verify_cert: certificate verification error at depth ${depth}: ${error}`,
    stat: "fail_verify_error",
  };
}

/** Of a session that is resumed only the leaf is left. */
export function expiryFailure(leaf: X509Certificate, nowMs: number): VerifyFailure | null {
  return leaf.validToDate.getTime() < nowMs ? chainFailure("certificate has expired", 0) : null;
}

const CRL_CODE = /CRL|REVOKED/u;

/**
 * Takes whom OpenSSL takes. Of a chain's faults it tells one, without its depth; what is told is the first that there is, as
 * in Envoy.
 */
export class OpenSslChain implements ChainJudge {
  readonly #config: TlsContextConfig;
  readonly #nowMs: () => number;
  #trusted: readonly ParsedCertificate[] | null = null;

  constructor(config: TlsContextConfig, nowMs: () => number) {
    this.#config = config;
    this.#nowMs = nowMs;
  }

  verify(peer: PeerCertificates): VerifyFailure | null {
    const { chainError, chainErrorText } = peer;
    if (chainError === null) return null;
    const result = verifyChain(parseChain(peer), {
      trusted: (this.#trusted ??= parseCertificates(this.#config.trustedCa)),
      partial: true,
      allowExpired: false,
      purpose: purposeOf(this.#config),
      nowMs: this.#nowMs(),
    });
    if ("error" in result) return chainFailure(result.error, result.depth);
    const prefix = CRL_CODE.test(chainError)
      ? "certificate revocation check against provided CRLs failed: "
      : "";
    return chainFailure(`${prefix}${chainErrorText}`, 0);
  }
}

/** For rules that OpenSSL cannot be told. */
export class OwnChain implements ChainJudge {
  readonly #options: Omit<ChainOptions, "nowMs">;
  readonly #lists: RevocationLists | null;
  readonly #maxDepth: number | null;
  readonly #nowMs: () => number;

  constructor(config: TlsContextConfig, rules: VerificationConfig, nowMs: () => number) {
    this.#options = {
      trusted: parseCertificates(config.trustedCa),
      partial: true,
      allowExpired: rules.allowExpiredCertificate,
      purpose: purposeOf(config),
    };
    this.#lists = rules.leafCrl === "" ? null : new RevocationLists(rules.leafCrl);
    this.#maxDepth = rules.maxVerifyDepth;
    this.#nowMs = nowMs;
  }

  verify(peer: PeerCertificates): VerifyFailure | null {
    const nowMs = this.#nowMs();
    const presented = parseChain(peer);
    const result = verifyChain(presented, { ...this.#options, nowMs });
    if ("error" in result) return chainFailure(result.error, result.depth);
    const { path } = result;
    const intermediates = path.length - 2;
    // As BoringSSL counts: an issuer that is trusted itself is always within the limit.
    if (this.#maxDepth !== null && intermediates > 0 && intermediates >= this.#maxDepth)
      return chainFailure("unable to get local issuer certificate", Math.max(1, this.#maxDepth));
    const fault = this.#lists?.faultOf(path[0]!, path[1] ?? path[0]!, nowMs) ?? null;
    return fault === null ? null : chainFailure(fault, 0);
  }
}

/** What the peer's certificate has to be good for. */
export function purposeOf({ side }: TlsContextConfig): string {
  return side === "downstream" ? CLIENT_AUTH : SERVER_AUTH;
}

/** The leaf first. */
export function parseChain(peer: PeerCertificates): ParsedCertificate[] {
  return peer.chain().map((certificate: X509Certificate) => parseCertificate(certificate));
}
