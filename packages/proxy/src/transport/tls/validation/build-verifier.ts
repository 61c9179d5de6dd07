import type { TlsContextConfig } from "../model.ts";
import type { PeerCertificates, PeerVerifier, VerifyFailure } from "../peer-verifier.ts";

/** The judge of a context's peers; null when there is nothing to ask of them. */
export function buildVerifier(config: TlsContextConfig): PeerVerifier | null {
  return config.trustedCa === "" ? null : new ChainVerifier();
}

/** Takes whom OpenSSL takes: a chain that leads to a trusted certificate. */
class ChainVerifier implements PeerVerifier {
  verify({ chainError, chainErrorText }: PeerCertificates): VerifyFailure | null {
    if (chainError === null) return null;
    return {
      text: `X509_verify_cert: certificate verification error at depth 0: ${chainErrorText}`,
      stat: "fail_verify_error",
    };
  }
}
