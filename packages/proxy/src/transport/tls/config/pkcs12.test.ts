import assert from "node:assert/strict";
import { test } from "node:test";
import { CertificateAuthority } from "../testing/certificate-authority.ts";
import { pkcs12File } from "../testing/pkcs12-file.ts";
import { readPkcs12 } from "./pkcs12.ts";

void test("a key and its certificate, by the password", async () => {
  const leaf = await (await CertificateAuthority.create()).issue();
  const { key, certificates } = readPkcs12(pkcs12File(leaf, "pässword"), "pässword");
  assert.equal(key!.export({ type: "pkcs8", format: "pem" }), leaf.key);
  assert.deepEqual(
    certificates.map((one) => one.toString()),
    [leaf.certificate],
  );
});

void test("a wrong password and what is no file of this kind are told", async () => {
  const leaf = await (await CertificateAuthority.create()).issue();
  const file = pkcs12File(leaf, "secret");
  assert.throws(() => readPkcs12(file, "guess"), /the MAC does not fit: wrong password/);
  assert.throws(() => readPkcs12(file.subarray(0, 100), "secret"), /value ends early/);
  assert.throws(() => readPkcs12(Buffer.from("junk"), "secret"));
  const tampered = Buffer.from(file);
  tampered[file.indexOf(Buffer.from("12345678")) + 1]! ^= 1;
  assert.throws(() => readPkcs12(tampered, "secret"), /the MAC does not fit/);
});
