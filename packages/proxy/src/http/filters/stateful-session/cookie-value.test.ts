import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBase64 } from "../../strict-base64.ts";
import { encodeCookieValue, readCookieValue } from "./cookie-value.ts";

const ADDRESS = "127.0.0.1:29001";
/** As Envoy 1.40 made it at 1,795,310,136 s, for a minute. */
const OF_ENVOY = "Cg8xMjcuMC4wLjE6MjkwMDEQ9ISJ2AY=";
const EXPIRES_S = 1_795_310_196;

void test("a cookie is the one that Envoy makes", () => {
  assert.equal(encodeCookieValue(ADDRESS, EXPIRES_S), OF_ENVOY);
});

void test("a cookie holds until its time is over", () => {
  const value = decodeBase64(OF_ENVOY);
  assert.equal(readCookieValue(value, EXPIRES_S), ADDRESS);
  assert.equal(readCookieValue(value, EXPIRES_S + 1), null);
  const endless = decodeBase64(encodeCookieValue(ADDRESS, 0));
  assert.equal(readCookieValue(endless, Number.MAX_SAFE_INTEGER), ADDRESS);
});

void test("what is no message is an address", () => {
  assert.equal(readCookieValue(ADDRESS, 0), ADDRESS);
  assert.equal(readCookieValue("\x0a\x02\xff\xfe", 0), "\x0a\x02\xff\xfe");
  // It looks like one, without an address.
  assert.equal(readCookieValue("10.0.0.1:80", 0), null);
  assert.equal(readCookieValue("\x08\x05", 0), null);
});
