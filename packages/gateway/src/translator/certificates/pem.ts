import { X509Certificate } from "node:crypto";

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g;

/** The certificates of a text of PEM, in their order; or what is wrong with it. Text around the blocks is left out. */
export function readCertificates(
  pem: string,
): { readonly certificates: readonly X509Certificate[] } | { readonly problem: string } {
  const blocks = [...pem.matchAll(BLOCK)];
  const certificates: X509Certificate[] = [];
  for (const [block, label] of blocks) {
    if (label !== "CERTIFICATE") continue;
    try {
      certificates.push(new X509Certificate(block));
    } catch {
      return { problem: `certificate ${certificates.length + 1} of the PEM text cannot be read` };
    }
  }
  return certificates.length === 0
    ? { problem: "expected certificates in PEM, found none" }
    : { certificates };
}

/** Certificates as PEM again, without what stood around them. */
export function certificatesPem(certificates: readonly X509Certificate[]): string {
  return certificates.map((certificate) => certificate.toString()).join("");
}
