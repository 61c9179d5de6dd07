import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { ClientHello } from "../../../transport/tls/client-hello.ts";
import {
  clientHello,
  numbers,
  protocols,
  serverName,
  type HelloParts,
} from "../../../transport/tls/testing/client-hello.ts";
import { ja3Fingerprint, ja4Fingerprint } from "./fingerprints.ts";

function helloOf(parts: HelloParts): ClientHello {
  const hello = new ClientHello();
  const bytes = clientHello(parts);
  assert.equal(hello.read(bytes, 0, bytes.length), null);
  return hello;
}

/** The example of the JA4 specification (github.com/FoxIO-LLC/ja4, technical_details/JA4.md), in its order there. */
const EXAMPLE: HelloParts = {
  ciphers: [
    0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014,
    0x009c, 0x009d, 0x002f, 0x0035,
  ],
  extensions: [
    [0x3a3a, Buffer.alloc(0)],
    [0x001b, Buffer.alloc(0)],
    serverName("a.test"),
    [0x0033, Buffer.alloc(0)],
    protocols("h2", "http/1.1"),
    [0x4469, Buffer.alloc(0)],
    [0x0017, Buffer.alloc(0)],
    [0x002d, Buffer.alloc(0)],
    [0x000d, numbers([0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601], 2)],
    [0x0005, Buffer.alloc(0)],
    [0x0023, Buffer.alloc(0)],
    [0x0012, Buffer.alloc(0)],
    [0x002b, numbers([0x9a9a, 0x0304, 0x0303], 1)],
    [0xff01, Buffer.alloc(0)],
    [0x000b, Buffer.of(1, 0)],
    [0x000a, numbers([0x8a8a, 0x001d, 0x0017, 0x0018], 2)],
    [0x0015, Buffer.alloc(0)],
    [0xcaca, Buffer.of(0)],
  ],
};

void test("JA4 of the specification's example", () => {
  assert.equal(ja4Fingerprint(helloOf(EXAMPLE)), "t13d1516h2_8daaf6152771_e5627efa2ab1");
});

void test("JA3 is the MD5 of five lists; GREASE is in the groups only, as in Envoy", () => {
  const text = [
    "771",
    "4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53",
    "27-0-51-16-17513-23-45-13-5-35-18-43-65281-11-10-21",
    "35466-29-23-24",
    "0",
  ].join(",");
  assert.equal(ja3Fingerprint(helloOf(EXAMPLE)), hash("md5", text));
  assert.equal(ja3Fingerprint(helloOf({})), hash("md5", "771,4865,,,"));
});

void test("a hello that says little", () => {
  assert.equal(ja4Fingerprint(helloOf({})).slice(0, 10), "t12i010000");
  const weird = helloOf({ version: 0x0301, extensions: [protocols("-x\u00ff")] });
  assert.match(ja4Fingerprint(weird), /^t10i0101/);
  const many = Array.from({ length: 120 }, (_, index) => index + 1);
  assert.equal(ja4Fingerprint(helloOf({ ciphers: many })).slice(4, 6), "99");
});
