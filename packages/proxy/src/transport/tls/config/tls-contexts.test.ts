import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { formatProblem, load } from "@nuncio/api";
import type { DownstreamTlsContext } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/tls_pb";
import { testCompileContext } from "../../../config/testing/compile-context.ts";
import { CertificateAuthority } from "../testing/certificate-authority.ts";
import { SecretStore } from "./secret-store.ts";
import { TlsContexts } from "./tls-contexts.ts";

function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "contexts-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The context of a file `c.yaml`, compiled, and the texts of its problems. */
function compile(yaml: string): { contexts: TlsContexts; problems: string[] } {
  const type = "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext";
  const file = { name: "c.yaml", content: yaml };
  const { message, problems } = load<DownstreamTlsContext>(type, [file]);
  const contexts = new TlsContexts(new SecretStore());
  const node = { id: "me", cluster: "here", region: "", zone: "", subZone: "" };
  const ctx = { ...testCompileContext(problems), node, tls: contexts };
  contexts.downstream(message, "listener.l.", ctx);
  return { contexts, problems: problems.list.map(formatProblem) };
}

/** What is wrong now with the files of the only context. */
function refusals(contexts: TlsContexts): string[] {
  return [...contexts.refresh()].flatMap(([, result]) =>
    result.kind === "refused" ? result.problems.map(formatProblem) : [result.kind],
  );
}

void test("what is wrong with a file that changed is told with the place that names it", async (t) => {
  const folder = tempFolder(t);
  const ca = await CertificateAuthority.create();
  const put = (name: string, content: string): void => writeFileSync(join(folder, name), content);
  const leaf = await ca.issue();
  put("crt", leaf.chain);
  put("key", leaf.key);
  put("ca", ca.certificate);
  const { contexts, problems } = compile(`
common_tls_context:
  tls_certificates:
  - certificate_chain: { filename: ${folder}/crt }
    private_key: { filename: ${folder}/key }
  combined_validation_context:
    default_validation_context: { trusted_ca: { filename: ${folder}/ca } }
    validation_context_sds_secret_config: { name: ca, sds_config: { path: ${folder}/sds.yaml } }
`);
  assert.equal(problems.length, 1, "sds.yaml is not there");
  put("sds.yaml", sds("ca", "validation_context: {}"));
  assert.deepEqual(refusals(contexts), ["changed"]);
  assert.deepEqual(refusals(contexts), ["same"]);
  put("key", (await ca.issue()).key);
  assert.deepEqual(refusals(contexts), [
    `c.yaml:5:18 common_tls_context.tls_certificates[0].private_key: Failed to load private key from ${folder}/key, Cause: the key does not belong to the certificate (KEY_VALUES_MISMATCH)`,
  ]);
  put("key", leaf.key);
  rmSync(join(folder, "ca"));
  assert.deepEqual(refusals(contexts), [`filename: file ${folder}/ca does not exist`]);
  put("ca", ca.certificate);
  // A folder where the file was is no file, and no exception.
  rmSync(join(folder, "sds.yaml"));
  mkdirSync(join(folder, "sds.yaml"));
  assert.deepEqual(refusals(contexts), [
    `c.yaml:8:67 common_tls_context.combined_validation_context.validation_context_sds_secret_config.sds_config: Invalid path: ${folder}/sds.yaml (EISDIR)`,
  ]);
});

function sds(name: string, secret: string): string {
  return `
resources:
- "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
  name: ${name}
  ${secret}
`;
}

void test("certificates are shown by their files, and those that a secret's file names as inline", async (t) => {
  const folder = tempFolder(t);
  const leaf = await (await CertificateAuthority.create()).issue();
  const files = `{ certificate_chain: { filename: ${folder}/crt }, private_key: { filename: ${folder}/key } }`;
  writeFileSync(join(folder, "crt"), leaf.chain);
  writeFileSync(join(folder, "key"), leaf.key);
  writeFileSync(join(folder, "sds.yaml"), sds("server", `tls_certificate: ${files}`));
  const pathOf = (common: string): string => {
    const { contexts, problems } = compile(`common_tls_context: ${common}`);
    assert.deepEqual(problems, []);
    return contexts.all[0]!.certificates[0]!.path;
  };
  assert.equal(pathOf(`{ tls_certificates: [ ${files} ] }`), `${folder}/crt`);
  const config = `{ name: server, sds_config: { path_config_source: { path: ${folder}/sds.yaml } } }`;
  assert.equal(pathOf(`{ tls_certificate_sds_secret_configs: [ ${config} ] }`), "<inline>");
});

void test("what OpenSSL cannot read is refused when it is loaded", async () => {
  const { certificate } = await CertificateAuthority.create();
  const list = "-----BEGIN X509 CRL-----\nAAAAAAAA\n-----END X509 CRL-----\n";
  const validation = (fields: object): string[] =>
    compile(JSON.stringify({ common_tls_context: { validation_context: fields } })).problems.map(
      (text) => text.replace(/^.*validation_context[.]/, ""),
    );
  const trusted = { inline_string: certificate };
  assert.deepEqual(validation({ trusted_ca: trusted, crl: { inline_string: list } }), [
    "crl: Failed to load CRL from <inline>",
  ]);
  assert.deepEqual(validation({ trusted_ca: { inline_string: certificate + list } }), [
    "trusted_ca: Failed to load trusted CA certificates from <inline>",
  ]);
});

void test("the file of a key log is its owner's alone from the beginning", (t) => {
  const path = join(tempFolder(t), "keys");
  compile(`common_tls_context: { key_log: { path: ${path} } }`);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

/** What a listener's compile gets for its own message, and whether anything was wrong. */
function compileOne(contexts: TlsContexts, yaml: string, statPrefix = "listener.l."): number {
  const type = "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext";
  const file = { name: "c.yaml", content: yaml };
  const { message, problems } = load<DownstreamTlsContext>(type, [file]);
  const ctx = { ...testCompileContext(problems), tls: contexts };
  return contexts.downstream(message, statPrefix, ctx).id;
}

/** A context with a certificate of its own. */
async function contextYaml(): Promise<string> {
  const { chain, key } = await (await CertificateAuthority.create()).issue();
  const inline = (pem: string): string => JSON.stringify({ inline_string: pem });
  const certificate = `{ certificate_chain: ${inline(chain)}, private_key: ${inline(key)} }`;
  return `common_tls_context: { tls_certificates: [${certificate}] }`;
}

void test("a message that comes again has its context again, in its place", async () => {
  const contexts = new TlsContexts(new SecretStore());
  const yaml = await contextYaml();
  const id = compileOne(contexts, yaml);
  assert.equal(compileOne(contexts, yaml), id);
  assert.notEqual(compileOne(contexts, await contextYaml()), id);
  assert.notEqual(compileOne(contexts, yaml, "listener.other."), id);
  assert.equal(contexts.all.length, 3);
});

void test("two equal messages of one configuration are two contexts, and stay two", async () => {
  const contexts = new TlsContexts(new SecretStore());
  const type = "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext";
  const content = await contextYaml();
  const twice = (): number[] => {
    const { message, problems } = load<DownstreamTlsContext>(type, [{ name: "c.yaml", content }]);
    const ctx = { ...testCompileContext(problems), tls: contexts };
    return [0, 1].map(() => contexts.downstream(message, "listener.l.", ctx).id);
  };
  const [one, other] = twice();
  assert.notEqual(one, other);
  assert.deepEqual(twice(), [one, other]);
  assert.equal(contexts.all.length, 2);
});
