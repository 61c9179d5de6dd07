import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "@nuncio/api";
import type { TlsParameters } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/common_pb";
import { testCompileContext } from "../../../config/testing/compile-context.ts";
import { compileTlsParameters, type TlsParametersConfig } from "./tls-parameters.ts";

/** What `tls_params` come to, and problems as `field: message`. */
function compile(
  yaml: string,
  side: "downstream" | "upstream" = "downstream",
): { config: TlsParametersConfig; problems: string[] } {
  const type = "envoy.extensions.transport_sockets.tls.v3.TlsParameters";
  const { message, problems } = load<TlsParameters>(type, [{ name: "p.yaml", content: yaml }]);
  const config = compileTlsParameters(message, side, testCompileContext(problems));
  return { config, problems: problems.list.map(({ path, message: text }) => `${path}: ${text}`) };
}

void test("Envoy's defaults: a client speaks TLS 1.2 at most, a server prefers groups in its order", () => {
  const server = compile("{}").config;
  assert.deepEqual([server.minVersion, server.maxVersion], ["TLSv1.2", "TLSv1.3"]);
  assert.equal(server.curves, "X25519MLKEM768/X25519/P-256");
  assert.equal(
    server.ciphers,
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-GCM-SHA256:" +
      "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384",
  );
  const client = compile("{}", "upstream").config;
  assert.deepEqual([client.minVersion, client.maxVersion], ["TLSv1.2", "TLSv1.2"]);
  assert.equal(client.curves, "X25519MLKEM768:X25519:P-256");
});

void test("old versions lower OpenSSL's security level", () => {
  const { config } = compile(
    "{ tls_minimum_protocol_version: TLSv1_1, cipher_suites: [AES128-SHA] }",
  );
  assert.deepEqual([config.minVersion, config.ciphers], ["TLSv1.1", "AES128-SHA:@SECLEVEL=0"]);
});

void test("names of BoringSSL become those of OpenSSL", () => {
  const { config, problems } = compile(
    "{ ecdh_curves: [prime256v1, x25519], signature_algorithms: [RSA+SHA256, ed25519] }",
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(
    [config.curves, config.signatureAlgorithms],
    ["P-256/X25519", "RSA+SHA256:ed25519"],
  );
});

void test("what is unknown or said twice is told", () => {
  for (const [yaml, problem] of [
    [
      "{ ecdh_curves: [P-256, P-256] }",
      "ecdh_curves: Failed to initialize ECDH curves P-256:P-256",
    ],
    ["{ ecdh_curves: [toString] }", "ecdh_curves: Failed to initialize ECDH curves toString"],
    [
      "{ signature_algorithms: [RSA+MD5] }",
      "signature_algorithms: Failed to initialize TLS signature algorithms RSA+MD5",
    ],
    [
      "{ cipher_suites: [AES128-SHA, nope] }",
      "cipher_suites: Failed to initialize cipher suites AES128-SHA:nope. The following ciphers were rejected when tried individually: nope",
    ],
    [
      "{ compliance_policies: [CNSA2_202603] }",
      "compliance_policies[0]: not implemented yet: CNSA policies",
    ],
  ] as const)
    assert.deepEqual(compile(yaml).problems, [problem]);
});
