import assert from "node:assert/strict";
import { X509Certificate, createPrivateKey } from "node:crypto";
import { test } from "node:test";
import { CertificateAuthority, encryptKey, expired } from "./certificate-authority.ts";

void test("leaves carry the names they are asked for and are signed by their authority", async () => {
  const ca = await CertificateAuthority.create();
  const leaf = await ca.issue({
    subject: "CN=a, O=b",
    dnsNames: ["a.test", "*.b.test"],
    uris: ["spiffe://td/x"],
    ips: ["127.0.0.1", "::1"],
    emails: ["a@b.test"],
    userPrincipalNames: ["user"],
    key: "rsa-2048",
    serialNumber: "0a0b",
  });
  const x509 = new X509Certificate(leaf.certificate);
  assert.equal(x509.subject, "CN=a\nO=b");
  assert.equal(x509.serialNumber, "0A0B");
  assert.equal(
    x509.subjectAltName,
    "URI:spiffe://td/x, DNS:a.test, DNS:*.b.test, IP Address:127.0.0.1, " +
      "IP Address:0:0:0:0:0:0:0:1, email:a@b.test, othername:UPN:user",
  );
  assert.ok(x509.verify(new X509Certificate(ca.certificate).publicKey));
  assert.ok(x509.checkIssued(new X509Certificate(ca.certificate)));
  assert.ok(x509.checkPrivateKey(createPrivateKey(leaf.key)));
});

void test("a chain goes from the leaf to below the root", async () => {
  const root = await CertificateAuthority.create("root");
  const middle = await root.intermediate("middle");
  const leaf = await middle.issue({ subject: "x" });
  assert.equal(leaf.chain, leaf.certificate + middle.certificate);
  assert.ok(
    new X509Certificate(middle.certificate).checkIssued(new X509Certificate(root.certificate)),
  );
});

void test("encrypted keys, expired certificates and revocation lists", async () => {
  const ca = await CertificateAuthority.create();
  const leaf = await ca.issue({ key: "ecdsa-p384", ...expired() });
  assert.ok(new X509Certificate(leaf.certificate).validToDate < new Date());
  const key = encryptKey(leaf.key, "secret");
  assert.match(key, /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  assert.throws(() => createPrivateKey({ key, passphrase: "wrong" }));
  assert.equal(createPrivateKey({ key, passphrase: "secret" }).type, "private");
  assert.match(await ca.revocationList([leaf]), /^-----BEGIN X509 CRL-----/);
});
