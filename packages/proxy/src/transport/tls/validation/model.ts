/** `CertificateValidationContext` beside its trusted certificates, as plain data for the workers. */
export interface VerificationConfig {
  /** `trust_chain_verification: ACCEPT_UNTRUSTED`. */
  readonly acceptUntrusted: boolean;
  readonly allowExpiredCertificate: boolean;
  /** SHA-256 of the certificate, lower case hex. One of these or of the pins must fit. */
  readonly certificateHashes: readonly string[];
  /** SHA-256 of the public key, base64. */
  readonly publicKeyPins: readonly string[];
  /** One must fit; empty asks for nothing. */
  readonly alternativeNames: readonly AlternativeNameRule[];
  /** Revocation is checked for the leaf alone, by these rules and not by OpenSSL; PEM, empty for none. */
  readonly leafCrl: string;
  /** Intermediate certificates between the leaf and a trusted one; null leaves it to OpenSSL. */
  readonly maxVerifyDepth: number | null;
  /** The validator `envoy.tls.cert_validator.spiffe` instead of all of the above; null without. */
  readonly spiffe: SpiffeConfig | null;
}

/** `SubjectAltNameMatcher`. */
export type AlternativeNameRule =
  /** By the rules of DNS: a wildcard of the certificate stands for one label. */
  | { readonly type: "dns_exact"; readonly name: string }
  | {
      readonly type: "dns" | "uri" | "email" | "ip" | "other";
      /** Of an otherName; empty for the rest. */
      readonly oid: string;
      /** What the string matcher's compile function gave. */
      readonly matcher: unknown;
    };

/** `SPIFFECertValidatorConfig`: whom to trust for which identities. */
export interface SpiffeConfig {
  readonly trustDomains: readonly SpiffeTrustDomain[];
}

export interface SpiffeTrustDomain {
  readonly name: string;
  /** PEM. */
  readonly trustBundle: string;
}
