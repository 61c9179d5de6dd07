import type { CidrConfig } from "../../base/cidr.ts";
import type { ScopeSlots } from "../../observe/stats/definition.ts";
import type { VerificationConfig } from "./validation/model.ts";

/**
 * TLS contexts as main posts them to the workers: plain, structured-cloneable data. Contents of files and secrets are
 * in here; a rotated secret makes main post the same `id` with a higher `version`, and connections made from then on
 * use it.
 */
export type TlsContextConfig = DownstreamTlsConfig | UpstreamTlsConfig;

/** `CommonTlsContext`, both sides. */
export interface CommonTlsConfig {
  /** Of the process; the transport sockets that came of one message share it. */
  readonly id: number;
  /** Counts up when a secret changes. */
  readonly version: number;
  /** False while a secret has not come: connections are refused until it has. */
  readonly ready: boolean;
  /** `listener.<address>.ssl.` or `cluster.<name>.ssl.`. */
  readonly scope: ScopeSlots;
  /** `listener.<address>.server_ssl_socket_factory.` or `cluster.<name>.client_ssl_socket_factory.`. */
  readonly factoryScope: ScopeSlots;
  /** In the order of the configuration; the first is the one for clients that no name fits. */
  readonly certificates: readonly TlsCertificateConfig[];
  /** In order of preference; empty: none are offered or answered. */
  readonly alpnProtocols: readonly string[];
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** OpenSSL's list for TLS 1.2 and below. */
  readonly ciphers: string;
  /** OpenSSL's list for TLS 1.3. */
  readonly tls13Ciphers: string;
  /** OpenSSL's list of groups, `X25519MLKEM768/X25519/P-256`; a client's are divided by colons. */
  readonly curves: string;
  /** OpenSSL's list, `ecdsa_secp256r1_sha256:…`; empty for its default. */
  readonly signatureAlgorithms: string;
  /** PEM of the trusted certificates; empty for none: then chains are not verified. */
  readonly trustedCa: string;
  /** PEM of revocation lists; empty for none. */
  readonly crl: string;
  /** What is asked of the peer's certificate beside a chain to `trustedCa`; null without a validation context. */
  readonly verification: VerificationConfig | null;
  readonly keyLog: KeyLogConfig | null;
}

export interface DownstreamTlsConfig extends CommonTlsConfig {
  readonly side: "downstream";
  readonly requireClientCertificate: boolean;
  readonly requireSni: boolean;
  /** The client's order of ciphers counts instead of the server's. */
  readonly preferClientCiphers: boolean;
  /** 48 bytes as Node takes them (name, HMAC, AES), the same on every worker; null: no tickets. */
  readonly sessionTicketKeys: Uint8Array | null;
  /** Of a resumable session. */
  readonly sessionTimeoutS: number;
  /** Sessions are resumed within what has the same identity: at most 32 bytes, as text. */
  readonly sessionIdContext: string;
  readonly ocspStaplePolicy: "lenient_stapling" | "strict_stapling" | "must_staple";
  readonly fullScanCertsOnSniMismatch: boolean;
}

export interface UpstreamTlsConfig extends CommonTlsConfig {
  readonly side: "upstream";
  /** Sent when nothing of the request or host says otherwise; empty: none. */
  readonly sni: string;
  /** The host's name or, failing that, its address stands for `sni`. */
  readonly autoHostSni: boolean;
  /** A DNS SAN must fit the SNI that was sent. */
  readonly autoSniSanValidation: boolean;
  readonly allowRenegotiation: boolean;
  /** Sessions kept for resumption with one host and name; 0: none are. */
  readonly maxSessionKeys: number;
}

export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/** One certificate with its key, decrypted and checked on main. */
export interface TlsCertificateConfig {
  /** PEM: the leaf first, then what leads to its issuer. */
  readonly chain: string;
  /** PEM. */
  readonly privateKey: string;
  /** IANA's number of an ECDSA key's curve: 23 for P-256, 24, 25; 0 for other kinds of keys. */
  readonly ecdsaCurve: number;
  /** DNS names in lower case, `*.suffix` among them; the subject's common name when there are no DNS SANs. */
  readonly names: readonly string[];
  /** The OCSP response to staple, as DER, and when it is too old; null for none. */
  readonly ocspStaple: { readonly response: Uint8Array; readonly nextUpdateMs: number } | null;
  /** The certificate says that a staple is mandatory. */
  readonly mustStaple: boolean;
}

/** `KeyLog`: secrets in the NSS format, for connections whose addresses fit. */
export interface KeyLogConfig {
  readonly path: string;
  /** Ranges; empty ones fit all. */
  readonly localAddressRanges: readonly CidrConfig[];
  readonly remoteAddressRanges: readonly CidrConfig[];
}
