import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { test } from "node:test";
import { ReadCertificate } from "./certificate-facts.ts";
import { CertificateAuthority, type CertificateOptions } from "./testing/certificate-authority.ts";

async function factsOf(options: CertificateOptions): Promise<ReadCertificate> {
  const authority = await CertificateAuthority.create(String.raw`Root\, Inc.`);
  const { certificate } = await authority.issue(options);
  return new ReadCertificate(new X509Certificate(certificate));
}

void test("names, numbers and times of a certificate", async () => {
  const notBefore = new Date("2026-01-02T03:04:05Z");
  const notAfter = new Date("2046-01-02T03:04:05Z");
  const facts = await factsOf({
    subject: "CN=leaf, O=Example, C=DE",
    serialNumber: "0abc",
    dnsNames: ["a.example", "*.b.example"],
    uris: ["spiffe://a/b"],
    emails: ["me@a.example"],
    ips: ["10.0.0.1", "2001:db8::1"],
    notBefore,
    notAfter,
  });
  assert.equal(facts.subject, "C=DE,O=Example,CN=leaf");
  assert.equal(facts.issuer, String.raw`CN=Root\, Inc.`);
  assert.equal(facts.serialNumber, "0abc");
  assert.deepEqual(facts.dnsNames, ["a.example", "*.b.example"]);
  assert.deepEqual(facts.uriNames, ["spiffe://a/b"]);
  assert.deepEqual(facts.emailNames, ["me@a.example"]);
  assert.deepEqual(facts.ipNames, ["10.0.0.1", "2001:db8::1"]);
  assert.deepEqual(facts.otherNames, []);
  assert.equal(facts.validFromMs, notBefore.getTime());
  assert.equal(facts.validToMs, notAfter.getTime());
});

void test("fingerprints and the PEM in x-forwarded-client-cert's form", async () => {
  const facts = await factsOf({});
  const der = facts.certificate.raw;
  assert.equal(facts.sha256, createHash("sha256").update(der).digest("hex"));
  assert.equal(facts.sha1, createHash("sha1").update(der).digest("hex"));
  assert.match(facts.urlEncodedPem, /^-----BEGIN%20CERTIFICATE-----%0A[A-Za-z0-9%]+-----END%20/u);
  assert.equal(decodeURIComponent(facts.urlEncodedPem), facts.certificate.toString());
});

void test("what RFC 2253 escapes in a name is escaped", async () => {
  const facts = await factsOf({ subject: String.raw`CN=\#a\+b\"é` });
  assert.equal(facts.subject, String.raw`CN=\#a\+b\"\C3\A9`);
});
