import type { X509Certificate } from "node:crypto";

/**
 * What is known of a connection's TLS session, for logs, headers, matchers and codec choice. Fields are found out when
 * they are first read; what nobody read before the connection's end is empty afterwards.
 */
export interface TlsInfo {
  /** The handshake is done and the peer was accepted. */
  readonly established: boolean;
  /** The protocol that was agreed on, `h2`; empty for none. */
  readonly alpn: string;
  /** `TLSv1.3`. */
  readonly version: string;
  /** The cipher as Envoy prints it: `TLS_AES_128_GCM_SHA256`, `ECDHE-RSA-AES128-GCM-SHA256`; empty before. */
  readonly cipher: string;
  /** The name that the client asked for; empty for none. */
  readonly serverName: string;
  /** Hexadecimal; empty for none. */
  readonly sessionId: string;
  readonly sessionReused: boolean;
  /** A certificate came and was checked against the trusted ones. */
  readonly peerCertificateValidated: boolean;
  /** Null when it sent none. */
  readonly peerCertificate: X509Certificate | null;
  /** The leaf first; empty when it sent none. */
  readonly peerCertificateChain: readonly X509Certificate[];
  /** What this side showed. */
  readonly localCertificate: X509Certificate | null;
  /** Why the connection failed, in Envoy's form; empty when it did not. */
  readonly failureReason: string;
}
