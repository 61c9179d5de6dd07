import type { X509Certificate } from "node:crypto";
import type { CertificateFacts } from "../../observe/tls-info.ts";
import { readCertificateFields, type CertificateFields } from "./certificate-fields.ts";
import { distinguishedNameText } from "./distinguished-name.ts";
import { ipText } from "./ip-text.ts";

/** The facts of a certificate; its names are read when somebody asks for one. */
export class ReadCertificate implements CertificateFacts {
  readonly certificate: X509Certificate;
  #fields: CertificateFields | null = null;

  constructor(certificate: X509Certificate) {
    this.certificate = certificate;
  }

  get subject(): string {
    return distinguishedNameText(this.fields.subject);
  }

  get issuer(): string {
    return distinguishedNameText(this.fields.issuer);
  }

  get serialNumber(): string {
    return this.certificate.serialNumber.toLowerCase();
  }

  get sha1(): string {
    return this.certificate.fingerprint.replaceAll(":", "").toLowerCase();
  }

  get sha256(): string {
    return this.certificate.fingerprint256.replaceAll(":", "").toLowerCase();
  }

  get urlEncodedPem(): string {
    return this.certificate.toString().replace(/[\n +/=]/gu, (found) => PEM_ESCAPES[found]!);
  }

  get uriNames(): readonly string[] {
    return this.#texts("uri");
  }

  get dnsNames(): readonly string[] {
    return this.#texts("dns");
  }

  get emailNames(): readonly string[] {
    return this.#texts("email");
  }

  get ipNames(): readonly string[] {
    return this.fields.alternativeNames.flatMap((name) =>
      name.type === "ip" ? [ipText(name.bytes)] : [],
    );
  }

  get otherNames(): readonly string[] {
    return this.fields.alternativeNames.flatMap((name) =>
      name.type === "other" ? [name.value] : [],
    );
  }

  get validFromMs(): number {
    return Date.parse(this.certificate.validFrom);
  }

  get validToMs(): number {
    return Date.parse(this.certificate.validTo);
  }

  /** OpenSSL has read it before, so it is whole. */
  get fields(): CertificateFields {
    return (this.#fields ??= readCertificateFields(this.certificate.raw));
  }

  #texts(type: "uri" | "dns" | "email"): readonly string[] {
    return this.fields.alternativeNames.flatMap((name) => (name.type === type ? [name.value] : []));
  }
}

const PEM_ESCAPES: { readonly [character: string]: string } = {
  "\n": "%0A",
  " ": "%20",
  "+": "%2B",
  "/": "%2F",
  "=": "%3D",
};
