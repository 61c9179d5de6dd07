import { X509Certificate } from "node:crypto";
import { readCertificateFields, type CertificateFields } from "../certificate-fields.ts";

/** A certificate with what Node does not tell of it. */
export interface ParsedCertificate {
  readonly x509: X509Certificate;
  readonly fields: CertificateFields;
}

const BLOCK = /-----BEGIN [A-Z0-9 ]*CERTIFICATE-----[^-]+-----END [A-Z0-9 ]*CERTIFICATE-----/gu;

/** The certificates of a PEM text that main has read before. */
export function parseCertificates(pem: string): ParsedCertificate[] {
  return (pem.match(BLOCK) ?? []).map((block) => parseCertificate(new X509Certificate(block)));
}

/** Of a certificate that OpenSSL has read. */
export function parseCertificate(x509: X509Certificate): ParsedCertificate {
  return { x509, fields: readCertificateFields(x509.raw) };
}
