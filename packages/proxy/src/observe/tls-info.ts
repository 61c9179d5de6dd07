/**
 * What is known of a connection's TLS session, for logs, headers, matchers and the choice of a codec. Facts are found out
 * when they are first read; what nobody read before the connection was gone is empty then.
 */
export interface TlsInfo {
  /** The handshake is done and the peer was accepted. */
  readonly established: boolean;
  /** The protocol that was agreed on, `h2`; empty for none. */
  readonly alpn: string;
  /** `TLSv1.3`. */
  readonly version: string;
  /** As Envoy prints it: `TLS_AES_128_GCM_SHA256`, `ECDHE-RSA-AES128-GCM-SHA256`; empty before the handshake. */
  readonly cipher: string;
  /** The group of the key exchange, `X25519`; empty when it is not known. */
  readonly group: string;
  /** The name that the client asked for, or that was asked of the upstream; empty for none. */
  readonly serverName: string;
  /** Hexadecimal; empty for none. */
  readonly sessionId: string;
  readonly sessionReused: boolean;
  readonly peerCertificatePresented: boolean;
  /** A certificate came and was accepted by rules that the configuration has. */
  readonly peerCertificateValidated: boolean;
  /** Null when the peer sent none. */
  readonly peerCertificate: CertificateFacts | null;
  /** The leaf first; empty when the peer sent none. */
  readonly peerCertificateChain: readonly CertificateFacts[];
  /** What this side showed; null for nothing. */
  readonly localCertificate: CertificateFacts | null;
  /** Why the connection failed, in Envoy's form; empty when it did not. */
  readonly failureReason: string;
}

/** A certificate as formatters see it. Texts are byte strings. */
export interface CertificateFacts {
  /** As RFC 2253 has it, the last part first: `CN=a,O=b`. */
  readonly subject: string;
  readonly issuer: string;
  /** Lower case hexadecimal. */
  readonly serialNumber: string;
  /** Lower case hexadecimal, without colons. */
  readonly sha1: string;
  readonly sha256: string;
  /** PEM, with `%0A` for a new line and the like, as it stands in x-forwarded-client-cert. */
  readonly urlEncodedPem: string;
  readonly uriNames: readonly string[];
  readonly dnsNames: readonly string[];
  readonly emailNames: readonly string[];
  readonly ipNames: readonly string[];
  readonly otherNames: readonly string[];
  /** Milliseconds since the epoch. */
  readonly validFromMs: number;
  readonly validToMs: number;
}
