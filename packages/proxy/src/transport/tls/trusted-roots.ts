import type { X509Certificate } from "node:crypto";
import { parseCertificates } from "./validation/trust-anchors.ts";

/**
 * The roots that a context trusts. Node adds them to the chain that a peer sent, and does not say so: a root at the end
 * that is trusted is taken for one that the peer did not send, as peers should not (RFC 8446, 4.4.2).
 */
export class TrustedRoots {
  readonly #pem: string;
  #known: ReadonlySet<string> | null = null;

  /** `pem` as in the context's configuration. */
  constructor(pem: string) {
    this.#pem = pem;
  }

  has(certificate: X509Certificate): boolean {
    if (certificate.subject !== certificate.issuer) return false;
    this.#known ??= new Set(parseCertificates(this.#pem).map(({ x509 }) => x509.fingerprint256));
    return this.#known.has(certificate.fingerprint256);
  }
}
