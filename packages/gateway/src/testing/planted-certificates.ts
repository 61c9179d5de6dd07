import { testCertificate, type TestCertificate } from "./test-certificates.ts";

/**
 * Certificates in golden files, which hold none: `<certificate of a.example.com>` and `<key of a.example.com>` stand for
 * one with that name, made when the test runs.
 */
export class PlantedCertificates {
  readonly #certificates: ReadonlyMap<string, TestCertificate>;

  private constructor(certificates: ReadonlyMap<string, TestCertificate>) {
    this.#certificates = certificates;
  }

  static async create(names: readonly string[]): Promise<PlantedCertificates> {
    const made = names.map(async (name) => [name, await testCertificate([name])] as const);
    return new PlantedCertificates(new Map(await Promise.all(made)));
  }

  /** The value with certificates in place of their names. */
  plant<V>(value: V): V {
    return JSON.parse(
      JSON.stringify(value).replaceAll(
        /<(certificate|key) of ([^>]+)>/g,
        (_, part: "certificate" | "key", name: string) =>
          JSON.stringify(this.#certificates.get(name)![part]).slice(1, -1),
      ),
    ) as V;
  }

  /** The value with names in place of certificates. */
  hide(value: unknown): unknown {
    let text = JSON.stringify(value);
    for (const [name, { certificate, key }] of this.#certificates) {
      text = text.replaceAll(JSON.stringify(certificate).slice(1, -1), `<certificate of ${name}>`);
      text = text.replaceAll(JSON.stringify(key).slice(1, -1), `<key of ${name}>`);
    }
    return JSON.parse(text);
  }
}
