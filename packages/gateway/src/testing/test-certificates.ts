import "reflect-metadata";
import { X509Certificate, createPrivateKey, webcrypto } from "node:crypto";
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";

/** A certificate that is its own authority, and its key; PEM. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;

/** Makes a certificate with these names, when a test runs. */
export async function testCertificate(
  dnsNames: readonly string[],
  curve: "P-256" | "P-521" = "P-256",
): Promise<TestCertificate> {
  const algorithm = { name: "ECDSA", namedCurve: curve, hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const names = dnsNames.map((value) => ({ type: "dns", value }) as const);
  const now = new Date().getTime();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${dnsNames[0] ?? "test"}`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + DAY_MS),
    extensions: names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)],
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
  return {
    certificate: new X509Certificate(certificate.toString("pem")).toString(),
    key: key.export({ type: "pkcs8", format: "pem" }),
  };
}
