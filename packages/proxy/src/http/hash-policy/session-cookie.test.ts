import assert from "node:assert/strict";
import { test } from "node:test";
import type { DownstreamInfo } from "../../observe/stream-info.ts";
import { ipAddress } from "../../transport/address.ts";
import { sessionCookieValue, setCookieLine } from "./session-cookie.ts";

void test("the value is made of both ends of the connection, and has sixteen digits", () => {
  const values = new Set<string>();
  for (let port = 1; port <= 100; port++) {
    values.add(
      sessionCookieValue({
        directRemoteAddress: ipAddress("127.0.0.1", port),
        localAddress: ipAddress("127.0.0.1", 80),
      } as DownstreamInfo),
    );
  }
  assert.equal(values.size, 100);
  for (const value of values) assert.match(value, /^[0-9a-f]{16}$/);
});

void test("the line of a cookie, part by part", () => {
  const plain = { maxAgeS: 0, path: "", attributes: [] };
  assert.equal(setCookieLine("c", "v", plain), 'c="v"; HttpOnly');
  const attributes = [
    { name: "SameSite", value: "Strict" },
    { name: "Secure", value: "" },
  ];
  assert.equal(
    setCookieLine("c", "v", { maxAgeS: 60, path: "/x", attributes }),
    'c="v"; Max-Age=60; Path=/x; SameSite=Strict; Secure; HttpOnly',
  );
});
