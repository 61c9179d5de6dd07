import type { X509Certificate } from "node:crypto";
import type { TlsContextConfig } from "../model.ts";
import type { PeerCertificates, PeerVerifier, VerifyFailure } from "../peer-verifier.ts";
import type { NameTest } from "./alternative-names.ts";
import { chainFailure, expiryFailure, parseChain, purposeOf } from "./chain-judge.ts";
import { verifyChain } from "./chain.ts";
import type { VerificationConfig } from "./model.ts";
import { parseCertificates, type ParsedCertificate } from "./trust-anchors.ts";

/**
 * `envoy.tls.cert_validator.spiffe`: the trust domain of a peer's SPIFFE ID, its first URI, says whom to trust for it
 * (SPIFFE X.509-SVID, 5.2).
 */
export class SpiffeVerifier implements PeerVerifier {
  readonly validates = true;
  readonly #bundles: ReadonlyMap<string, readonly ParsedCertificate[]>;
  readonly #allowExpired: boolean;
  readonly #purpose: string;
  readonly #tests: readonly NameTest[];
  readonly #nowMs: () => number;

  constructor(
    config: TlsContextConfig,
    rules: VerificationConfig,
    tests: readonly NameTest[],
    nowMs: () => number,
  ) {
    const domains = rules.spiffe!.trustDomains;
    this.#bundles = new Map(
      domains.map(({ name, trustBundle }) => [name, parseCertificates(trustBundle)]),
    );
    this.#allowExpired = rules.allowExpiredCertificate;
    this.#purpose = purposeOf(config);
    this.#tests = tests;
    this.#nowMs = nowMs;
  }

  verify(peer: PeerCertificates): VerifyFailure | null {
    const presented = parseChain(peer);
    const leaf = presented[0];
    if (leaf === undefined) return { text: "no certificate", stat: "fail_verify_no_cert" };
    const trusted = isSigner(leaf) ? undefined : this.#bundles.get(trustDomainOf(leaf));
    if (trusted === undefined) return { text: "no trust bundle store", stat: "fail_verify_error" };
    const result = verifyChain(presented, {
      trusted,
      partial: false,
      allowExpired: this.#allowExpired,
      purpose: this.#purpose,
      nowMs: this.#nowMs(),
    });
    if ("error" in result) return chainFailure(result.error, result.depth);
    const { alternativeNames: names } = leaf.fields;
    const tests = this.#tests;
    if (tests.length === 0 || names.some((name) => tests.some((test) => test(name)))) return null;
    return { text: "SAN match", stat: "fail_verify_san" };
  }

  verifyResumed(leaf: X509Certificate): VerifyFailure | null {
    return this.#allowExpired ? null : expiryFailure(leaf, this.#nowMs());
  }
}

/** A workload's certificate must not sign others. */
function isSigner({ fields }: ParsedCertificate): boolean {
  return fields.isCa;
}

const SCHEME = "spiffe://";

/** Empty for a certificate without a SPIFFE ID. */
function trustDomainOf({ fields }: ParsedCertificate): string {
  const uri = fields.alternativeNames.find(({ type }) => type === "uri");
  if (uri === undefined || uri.type !== "uri" || !uri.value.startsWith(SCHEME)) return "";
  const rest = uri.value.slice(SCHEME.length);
  const slash = rest.indexOf("/");
  return slash < 0 ? "" : rest.slice(0, slash);
}
