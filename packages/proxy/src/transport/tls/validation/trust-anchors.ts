import { X509Certificate } from "node:crypto";
import { readCertificateFields, type CertificateFields } from "../certificate-fields.ts";
import { certificateBlocks } from "../pem.ts";

/** A certificate with what Node does not tell of it. */
export interface ParsedCertificate {
  readonly x509: X509Certificate;
  readonly fields: CertificateFields;
}

/** The certificates of a PEM text that main has read before. */
export function parseCertificates(pem: string): ParsedCertificate[] {
  return certificateBlocks(pem).map(({ der }) => parseCertificate(new X509Certificate(der!)));
}

/** Of a certificate that OpenSSL has read. */
export function parseCertificate(x509: X509Certificate): ParsedCertificate {
  return { x509, fields: readCertificateFields(x509.raw) };
}
