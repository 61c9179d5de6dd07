/** `CertificateValidationContext` beside its trusted certificates, as plain data for the workers. */
export interface VerificationConfig {
  /** `trust_chain_verification: ACCEPT_UNTRUSTED`. */
  readonly acceptUntrusted: boolean;
  readonly allowExpiredCertificate: boolean;
}
