import assert from "node:assert/strict";
import { test } from "node:test";
import { CertificateChooser } from "./certificate-choice.ts";
import { ClientHello } from "./client-hello.ts";
import type { DownstreamTlsConfig } from "./model.ts";
import { clientHello, numbers, type HelloParts } from "./testing/client-hello.ts";
import { certificateConfig, downstreamTls } from "./testing/tls-configs.ts";

const RSA = 0;
const P256 = 23;
const P384 = 24;
const NOBODY = { certificate: "", key: "", chain: "", serialNumber: "" };

/** The curve of the certificate that a client gets from a server that has one of each of `curves`. */
function chosen(
  curves: readonly number[],
  parts: HelloParts,
  more: Partial<DownstreamTlsConfig> = {},
): number {
  const certificates = curves.map((ecdsaCurve) => certificateConfig(NOBODY, [], { ecdsaCurve }));
  const hello = new ClientHello();
  const body = clientHello(parts);
  assert.equal(hello.read(body, 0, body.length), null);
  const { index } = new CertificateChooser(downstreamTls(certificates, more)).choose(hello, 0);
  return curves[index]!;
}

function tls13(...signatureAlgorithms: number[]): HelloParts {
  return {
    extensions: [
      [13, numbers(signatureAlgorithms, 2)],
      [43, numbers([0x0304], 1)],
    ],
  };
}

function tls12(ciphers: readonly number[], groups: readonly number[]): HelloParts {
  return { ciphers, extensions: [[10, numbers(groups, 2)]] };
}

void test("a client of TLS 1.3 gets ECDSA of a curve that its signature algorithms name", () => {
  const both = tls13(0x0804, 0x0403, 0x0503);
  assert.equal(chosen([RSA, P384], both), P384);
  assert.equal(chosen([P384, P256], tls13(0x0403)), P256);
  assert.equal(chosen([RSA, P384], tls13(0x0804, 0x0403)), RSA, "not of another curve");
  assert.equal(chosen([P384, RSA], tls13(0x0804)), RSA);
  assert.equal(chosen([P384, P256], tls13(0x0804)), P384, "none fits: the first");
});

void test("before TLS 1.3 it is the groups, and a suite that both sides have", () => {
  const ciphers = [0xc02f, 0xc02b];
  assert.equal(chosen([RSA, P384], tls12(ciphers, [P384])), P384);
  assert.equal(chosen([RSA, P384], tls12(ciphers, [29, P256])), RSA);
  assert.equal(chosen([RSA, P256], tls12([0xc02f], [P256])), RSA, "no suite of ECDSA");
  const rsaOnly = { ciphers: "ECDHE-RSA-AES128-GCM-SHA256" };
  assert.equal(chosen([RSA, P256], tls12(ciphers, [P256]), rsaOnly), RSA);
});

void test("a server that ends at TLS 1.2 does not go by what is for TLS 1.3", () => {
  const { extensions } = tls13(0x0403);
  const parts = { ciphers: [0xc02f], extensions: extensions! };
  assert.equal(chosen([RSA, P256], parts), P256);
  assert.equal(chosen([RSA, P256], parts, { maxVersion: "TLSv1.2" }), RSA);
});
