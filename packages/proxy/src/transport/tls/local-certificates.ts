import { X509Certificate } from "node:crypto";
import { ReadCertificate } from "./certificate-facts.ts";
import type { TlsCertificateConfig } from "./model.ts";

/** The facts of a context's own certificates, read when a log or header first asks for them. */
export class LocalCertificates {
  readonly #configs: readonly TlsCertificateConfig[];
  readonly #read: (ReadCertificate | undefined)[] = [];

  constructor(configs: readonly TlsCertificateConfig[]) {
    this.#configs = configs;
  }

  /** Null for a context without certificates. */
  at(index: number): ReadCertificate | null {
    const config = this.#configs[index];
    if (config === undefined) return null;
    return (this.#read[index] ??= new ReadCertificate(new X509Certificate(config.chain)));
  }
}
