import assert from "node:assert/strict";
import { test } from "node:test";
import { createSecureContext } from "node:tls";
import { parseCipherList } from "./cipher-suites.ts";

/** The suites of a list, or what is wrong with it. */
function parsed(...elements: string[]): string {
  const list = parseCipherList(elements);
  if ("suites" in list) return list.suites.join(" ");
  return "rejected" in list
    ? `rejected: ${list.rejected.join(" ")}`
    : `missing: ${list.missing.join(" ")}`;
}

void test("names of both kinds, groups, and what is divided by colons", () => {
  assert.equal(
    parsed(
      "[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305]",
      "TLS_RSA_WITH_AES_128_CBC_SHA:AES256-SHA",
    ),
    "ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-CHACHA20-POLY1305 AES128-SHA AES256-SHA",
  );
  assert.equal(parsed("TLS_AES_128_GCM_SHA256", "AES128-SHA"), "AES128-SHA");
});

void test("operators take away, forbid, and move behind the others", () => {
  assert.equal(
    parsed("kRSA", "-SHA1", "AES128-SHA"),
    "AES128-GCM-SHA256 AES256-GCM-SHA384 AES128-SHA",
  );
  assert.equal(parsed("kRSA", "!SHA1", "AES128-SHA"), "AES128-GCM-SHA256 AES256-GCM-SHA384");
  assert.equal(
    parsed("kRSA", "+AES128"),
    "AES256-GCM-SHA384 AES256-SHA AES128-GCM-SHA256 AES128-SHA",
  );
  assert.equal(parsed("kRSA+AESGCM", "@STRENGTH"), "AES256-GCM-SHA384 AES128-GCM-SHA256");
});

void test("an alias leaves out what is deprecated, and what OpenSSL lacks can only be left out", () => {
  assert.ok(!parsed("ALL").includes("DES"));
  assert.ok(!parsed("ALL").includes("AES128-SHA256 "));
  assert.equal(parsed("ECDHE-RSA-AES128-SHA256"), "ECDHE-RSA-AES128-SHA256");
  assert.equal(parsed("DES-CBC3-SHA"), "missing: DES-CBC3-SHA");
  assert.equal(parsed("AES128-SHA", "3DES"), "missing: DES-CBC3-SHA");
  assert.equal(parsed("AES128-SHA", "!3DES"), "AES128-SHA");
});

void test("what is no list is told element by element", () => {
  assert.equal(parsed("AES128-SHA", "nope", "!aNULL"), "rejected: nope aNULL");
  assert.equal(parsed("-ALL"), "rejected: ");
  assert.equal(parsed("[AES128-SHA"), "rejected: ");
  assert.equal(parsed("TLS_AES_128_GCM_SHA256"), "rejected: ");
});

void test("OpenSSL knows every suite that comes out", () => {
  for (const suite of parsed("ALL", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256").split(
    " ",
  ))
    assert.ok(createSecureContext({ ciphers: suite, maxVersion: "TLSv1.2" }));
});
