import assert from "node:assert/strict";
import { test } from "node:test";
import { httpVersionOf } from "./http-version.ts";

function versionOf(text: string): string {
  const bytes = Buffer.from(`xx${text}HTTP/1.1\r\n`, "latin1");
  return httpVersionOf(bytes, 2, 2 + text.length);
}

void test("request lines and the preface", () => {
  const versions: Record<string, string> = {
    "GET / HTTP/1.1\r\n": "HTTP/1.1",
    "get * HTTP/1.1\n": "HTTP/1.1",
    "CONNECT a:1 HTTP/1.1\r\n": "HTTP/1.1",
    "GET http://a/ HTTP/1.1 \r\n": "HTTP/1.1",
    "GET / HTTP/1.0\r\n": "HTTP/1.0",
    "GET /\r\n": "HTTP/1.0",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n": "HTTP/2",
    "PRI * HTTP/2.0\r\n\r\nSX\r\n\r\n": "HTTP/1.0",
    "GET a HTTP/1.1\r\n": "none",
    "GET / ICAP/1.0\r\n": "none",
    "\r\nGET / HTTP/1.1\r\n": "none",
    "\x16\x03\x01": "none",
    "G(T": "none",
  };
  for (const [text, version] of Object.entries(versions)) {
    assert.equal(versionOf(text), version, JSON.stringify(text));
  }
});

void test("less than a line asks for more", () => {
  for (const text of [
    "P",
    "PRI * HTTP/2.0\r\n\r\nSM",
    "GET",
    "GET / HTTP/1.1",
    "GET / HTTP/1.1\r",
  ]) {
    assert.equal(versionOf(text), "more", text);
  }
});
