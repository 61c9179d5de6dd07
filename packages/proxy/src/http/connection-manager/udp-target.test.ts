import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { nameUdpTarget } from "./udp-target.ts";

function authorityFor(target: string): string | null {
  const headers = new HeaderMap();
  headers.authority = "proxy.test";
  headers.path = target;
  return nameUdpTarget(headers) ? headers.authority : null;
}

const UDP = "/.well-known/masque/udp/";

void test("the path's target becomes the authority", () => {
  assert.equal(authorityFor(`${UDP}192.0.2.6/443/`), "192.0.2.6:443");
  assert.equal(authorityFor(`${UDP}b.test/53/`), "b.test:53");
  assert.equal(authorityFor(`${UDP}2001%3Adb8%3A%3A42/443/`), "[2001:db8::42]:443");
  assert.equal(authorityFor(`${UDP}%5B::1%5D/443/`), "[::1]:443");
});

void test("anything else is none", () => {
  for (const target of [
    "/udp/b.test/443/",
    `${UDP}b.test/443`,
    `${UDP}b.test/443/x`,
    `${UDP}b.test/443/?x=1`,
    `${UDP}/443/`,
    `${UDP}b.test//`,
    `${UDP}b.test/0/`,
    `${UDP}b.test/65536/`,
    `${UDP}b.test/abc/`,
    `${UDP}b%2/443/`,
    `${UDP}fe80%3A%3Aa%2525en1/443/`,
    `${UDP}b%0D%0Ax%3A1/443/`,
    `${UDP}b%2Ftest/443/`,
    `${UDP}u%40b.test/443/`,
  ]) {
    assert.equal(authorityFor(target), null, target);
  }
});
