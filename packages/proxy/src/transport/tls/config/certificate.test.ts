import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { load } from "@nuncio/api";
import type { TlsCertificate } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/common_pb";
import { testCompileContext } from "../../../config/testing/compile-context.ts";
import type { TlsCertificateConfig } from "../model.ts";
import { CertificateAuthority, encryptKey } from "../testing/certificate-authority.ts";
import { compileCertificate } from "./certificate.ts";
import { SecretReader } from "./secret-reader.ts";

/** Compiles a certificate whose files are in a folder of the test; problems as `field: message`, the folder as `~`. */
function compile(
  t: TestContext,
  files: Readonly<Record<string, string | Buffer>>,
  fields: Readonly<Record<string, string>>,
): { config: TlsCertificateConfig | null; problems: string[]; reader: SecretReader } {
  const folder = mkdtempSync(join(tmpdir(), "certificate-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const yaml = Object.entries(fields)
    .map(([field, name]) => `${field}: { filename: ${join(folder, name)} }`)
    .join("\n");
  const type = "envoy.extensions.transport_sockets.tls.v3.TlsCertificate";
  const content = yaml === "" ? "{}" : yaml;
  const { message, problems } = load<TlsCertificate>(type, [{ name: "c.yaml", content }]);
  const reader = new SecretReader(testCompileContext(problems));
  const config = compileCertificate(message, reader);
  return {
    config,
    reader,
    problems: problems.list.map(
      ({ path, message: text }) => `${path}: ${text.replaceAll(`${folder}/`, "~")}`,
    ),
  };
}

const BOTH = { certificate_chain: "cert", private_key: "key" };

void test("a certificate with its key, its names and its files", async (t) => {
  const middle = await (await CertificateAuthority.create()).intermediate("Middle");
  const leaf = await middle.issue({ dnsNames: ["A.test", "*.b.test"], ips: ["127.0.0.1"] });
  const { config, problems, reader } = compile(t, { cert: leaf.chain, key: leaf.key }, BOTH);
  assert.deepEqual(problems, []);
  assert.equal(config!.chain, leaf.chain);
  assert.equal(config!.privateKey, leaf.key);
  assert.deepEqual(
    [config!.ecdsaCurve, config!.names, config!.ocspStaple, config!.mustStaple],
    [23, ["a.test", "*.b.test"], null, false],
  );
  assert.equal(reader.files.size, 2);
  assert.equal(reader.shown[0]!.certificate.serialNumber.toLowerCase(), leaf.serialNumber);
});

void test("the common name stands for names that are not there", async (t) => {
  const ca = await CertificateAuthority.create();
  const leaf = await ca.issue({ subject: "CN=Name.test,O=x", key: "rsa-2048" });
  const { config } = compile(t, { cert: leaf.chain, key: leaf.key }, BOTH);
  assert.deepEqual([config!.names, config!.ecdsaCurve], [["name.test"], 0]);
});

void test("what is wrong with a certificate or its key", async (t) => {
  const ca = await CertificateAuthority.create();
  const leaf = await ca.issue();
  const other = await ca.issue();
  const rsa = await ca.issue({ key: "rsa-2048" });
  const small = await ca.issue({ key: "rsa-1024" });
  const encrypted = encryptKey(leaf.key, "secret");
  const files = {
    cert: leaf.chain,
    key: leaf.key,
    other: other.key,
    rsa: rsa.key,
    small: small.chain,
    encrypted,
    junk: "x",
    empty: "",
    password: "secret",
    guess: "guess",
  };
  const cases: [fields: Record<string, string>, problem: string | null][] = [
    [
      {},
      "certificate_chain: Failed to load incomplete certificate from : certificate chain not set",
    ],
    [
      { certificate_chain: "none", private_key: "key" },
      "certificate_chain.filename: file ~none does not exist",
    ],
    [
      { certificate_chain: "junk", private_key: "key" },
      "certificate_chain: Failed to load certificate chain from ~junk",
    ],
    [
      { certificate_chain: "empty", private_key: "key" },
      "certificate_chain: Failed to load incomplete certificate from ~empty: certificate chain not set",
    ],
    [
      { certificate_chain: "small", private_key: "key" },
      "certificate_chain: Failed to load certificate chain from ~small, only RSA certificates with 2048-bit or larger keys are supported",
    ],
    [
      { certificate_chain: "cert" },
      "private_key: Failed to load incomplete private key from path: ",
    ],
    [
      { certificate_chain: "cert", private_key: "junk" },
      "private_key: Failed to load private key from ~junk, Cause: no private key in PEM (NO_START_LINE)",
    ],
    [
      { certificate_chain: "cert", private_key: "other" },
      "private_key: Failed to load private key from ~other, Cause: the key does not belong to the certificate (KEY_VALUES_MISMATCH)",
    ],
    [
      { certificate_chain: "cert", private_key: "rsa" },
      "private_key: Failed to load private key from ~rsa, Cause: the key is of another type than the certificate (KEY_TYPE_MISMATCH)",
    ],
    [
      { certificate_chain: "cert", private_key: "encrypted" },
      "private_key: Failed to load private key from ~encrypted, Cause: the key is encrypted and there is no password (BAD_PASSWORD_READ)",
    ],
    [
      { certificate_chain: "cert", private_key: "encrypted", password: "guess" },
      "private_key: Failed to load private key from ~encrypted, Cause: the key cannot be decrypted with this password (BAD_DECRYPT)",
    ],
    [{ certificate_chain: "cert", private_key: "encrypted", password: "password" }, null],
    [{ certificate_chain: "cert", private_key: "key", password: "guess" }, null],
  ];
  for (const [fields, problem] of cases) {
    const { config, problems } = compile(t, files, fields);
    assert.deepEqual(problems, problem === null ? [] : [problem]);
    assert.equal(config === null, problem !== null);
  }
});

void test("an OCSP response that ends early, wherever it does, is a problem", async (t) => {
  const leaf = await (await CertificateAuthority.create()).issue();
  const sequence = (...parts: Buffer[]): Buffer => value(0x30, ...parts);
  const value = (tag: number, ...parts: Buffer[]): Buffer => {
    const content = Buffer.concat(parts);
    return Buffer.concat([Buffer.of(tag, content.length), content]);
  };
  const basicType = value(0x06, Buffer.from("2b0601050507300101", "hex"));
  const id = sequence(sequence(), value(0x04), value(0x04), value(0x02, Buffer.of(1)));
  const single = sequence(id, value(0x80), value(0x18), value(0xa0, value(0x18)));
  const steps = [
    [],
    [sequence()],
    [sequence(sequence())],
    [sequence(sequence(sequence()))],
    [sequence(sequence(sequence(id)))],
    [sequence(sequence(single))],
  ];
  for (const basic of steps) {
    const bytes = value(0xa0, sequence(basicType, value(0x04, sequence(...basic))));
    const response = sequence(value(0x0a, Buffer.of(0)), bytes);
    const files = { cert: leaf.chain, key: leaf.key, ocsp: response };
    const { problems } = compile(t, files, { ...BOTH, ocsp_staple: "ocsp" });
    assert.equal(problems.length, 1);
    assert.match(problems[0]!, /^ocsp_staple: cannot read the OCSP response: /);
  }
});
