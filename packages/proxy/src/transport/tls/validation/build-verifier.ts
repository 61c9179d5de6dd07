import { createHash, type X509Certificate } from "node:crypto";
import { readCertificateFields } from "../certificate-fields.ts";
import type { TlsContextConfig } from "../model.ts";
import type { PeerCertificates, PeerVerifier, VerifyFailure } from "../peer-verifier.ts";
import { buildNameTest, hasName, nameText, type NameTest } from "./alternative-names.ts";
import { expiryFailure, OpenSslChain, OwnChain, type ChainJudge } from "./chain-judge.ts";
import type { VerificationConfig } from "./model.ts";
import { SpiffeVerifier } from "./spiffe-verifier.ts";

/** Builds a string matcher out of what its compile function gave; the function takes byte strings. */
export type BuildString = (config: unknown) => (text: string) => boolean;

/** The judge of a context's peers; null when there is nothing to ask of them. `nowMs` is the wall clock. */
export function buildVerifier(
  config: TlsContextConfig,
  buildString: BuildString,
  nowMs: () => number,
): PeerVerifier | null {
  const rules = config.verification;
  if (rules === null) return null;
  const tests = rules.alternativeNames.map((rule) => buildNameTest(rule, buildString));
  if (rules.spiffe !== null) return new SpiffeVerifier(config, rules, tests, nowMs);
  const pinned = rules.certificateHashes.length + rules.publicKeyPins.length > 0;
  // Whoever takes any certificate still wants to see one.
  if (config.trustedCa === "" && !pinned && !rules.acceptUntrusted) return null;
  const verifier = new RulesVerifier(config, rules, tests, nowMs);
  return rules.acceptUntrusted ? new TolerantVerifier(verifier) : verifier;
}

/** Envoy's default validator: chain, names, then pins. */
class RulesVerifier implements PeerVerifier {
  readonly validates: boolean;
  readonly #rules: VerificationConfig;
  readonly #tests: readonly NameTest[];
  readonly #chain: ChainJudge | null;
  /** Instead of the rules about names, the name that was asked for has to be in the certificate. */
  readonly #expectsServerName: boolean;
  readonly #nowMs: () => number;

  constructor(
    config: TlsContextConfig,
    rules: VerificationConfig,
    tests: readonly NameTest[],
    nowMs: () => number,
  ) {
    this.#rules = rules;
    this.#nowMs = nowMs;
    this.#tests = tests;
    this.validates =
      config.trustedCa !== "" || rules.certificateHashes.length + rules.publicKeyPins.length > 0;
    this.#expectsServerName = config.side === "upstream" && config.autoSniSanValidation;
    const own =
      rules.allowExpiredCertificate || rules.leafCrl !== "" || rules.maxVerifyDepth !== null;
    this.#chain =
      config.trustedCa === ""
        ? null
        : own
          ? new OwnChain(config, rules, nowMs)
          : new OpenSslChain(config, nowMs);
  }

  verify(peer: PeerCertificates): VerifyFailure | null {
    if (peer.leaf === null) return NO_CERTIFICATE;
    return this.#chain?.verify(peer) ?? this.#verifyNames(peer) ?? this.#verifyPins(peer);
  }

  verifyResumed(leaf: X509Certificate): VerifyFailure | null {
    if (this.#chain === null || this.#rules.allowExpiredCertificate) return null;
    return expiryFailure(leaf, this.#nowMs());
  }

  #verifyNames({ leaf, expectedNames, serverName }: PeerCertificates): VerifyFailure | null {
    const tests = this.#expectsServerName && serverName !== "" ? [] : this.#tests;
    if (expectedNames === null && tests.length === 0) return null;
    const { alternativeNames: names } = readCertificateFields(leaf!.raw);
    const all = (texts: readonly string[]): string => `[${texts.join(", ")}]`;
    const seen = (): string => all(names.map(nameText));
    if (expectedNames !== null && !hasName(names, expectedNames)) {
      const text = this.#expectsServerName
        ? `SAN matcher, certificate SANs are ${seen()}`
        : `verify SAN list, expected SANs: ${all(expectedNames)}, certificate SANs: ${seen()}`;
      return { text, stat: "fail_verify_san" };
    }
    if (tests.length > 0 && !names.some((name) => tests.some((test) => test(name))))
      return { text: `SAN matcher, certificate SANs are ${seen()}`, stat: "fail_verify_san" };
    return null;
  }

  #verifyPins({ leaf }: PeerCertificates): VerifyFailure | null {
    const { certificateHashes, publicKeyPins } = this.#rules;
    if (certificateHashes.length + publicKeyPins.length === 0) return null;
    const hash = leaf!.fingerprint256.replaceAll(":", "").toLowerCase();
    if (certificateHashes.includes(hash)) return null;
    const { publicKeyInfo } = readCertificateFields(leaf!.raw);
    const pin = createHash("sha256").update(publicKeyInfo).digest("base64");
    if (publicKeyPins.includes(pin)) return null;
    return { text: "cert hash and spki", stat: "fail_verify_cert_hash" };
  }
}

const NO_CERTIFICATE: VerifyFailure = { text: "no certificate", stat: "fail_verify_no_cert" };

/** `ACCEPT_UNTRUSTED`: what is wrong is counted, and does not keep the peer out. */
class TolerantVerifier implements PeerVerifier {
  readonly validates: boolean;
  readonly #strict: PeerVerifier;

  constructor(strict: PeerVerifier) {
    this.#strict = strict;
    this.validates = strict.validates;
  }

  verify(peer: PeerCertificates): VerifyFailure | null {
    return tolerated(this.#strict.verify(peer));
  }

  verifyResumed(leaf: X509Certificate): VerifyFailure | null {
    return tolerated(this.#strict.verifyResumed(leaf));
  }
}

function tolerated(failure: VerifyFailure | null): VerifyFailure | null {
  return failure === null ? null : { ...failure, tolerated: true };
}
