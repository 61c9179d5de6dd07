import type { X509Certificate } from "node:crypto";

/** What a handshake showed of the other side. */
export interface PeerCertificates {
  /** Null when it sent none. */
  readonly leaf: X509Certificate | null;
  /** The leaf first, then what leads to its issuer, as far as it is known. Made when it is asked for. */
  chain(): readonly X509Certificate[];
  /**
   * OpenSSL's code of what is wrong with the chain, `CERT_HAS_EXPIRED`; null when it is trusted. Of several faults the
   * last one that it came to: a chain that has expired may be one that nobody trusts, too.
   */
  readonly chainError: string | null;
  /** The text to `chainError`, in the words of Envoy's library; empty without. */
  readonly chainErrorText: string;
  /** The name that an upstream was asked for; empty for none, and downstream. */
  readonly serverName: string;
  /** `auto_san_validation`: of these one must be in the certificate; null asks for nothing. */
  readonly expectedNames: readonly string[] | null;
}

export interface VerifyFailure {
  /** For logs, in Envoy's words: `verify SAN list`. */
  readonly text: string;
  /** The counter of the context that moves. */
  readonly stat:
    | "fail_verify_no_cert"
    | "fail_verify_error"
    | "fail_verify_san"
    | "fail_verify_cert_hash";
  /** The peer is let in all the same (`ACCEPT_UNTRUSTED`). */
  readonly tolerated?: boolean;
}

/** Judges a peer's certificate when the handshake is done. Built once per context. */
export interface PeerVerifier {
  /** Whom it accepts, it has reason to: without trusted certificates and pins there is none. */
  readonly validates: boolean;
  /** Null accepts. Must not throw. */
  verify(peer: PeerCertificates): VerifyFailure | null;
  /**
   * Judges the certificate of a session that is resumed, which was accepted when the session was new. By what it was is part of
   * what makes it resumable, so only time can have changed that. Null accepts. Must not throw.
   */
  verifyResumed(leaf: X509Certificate): VerifyFailure | null;
}
