import assert from "node:assert/strict";
import { test } from "node:test";
import { readRequest, requestBytes, type RequestText } from "./explain-request.ts";

void test("leaves paths as they are written", () => {
  const target = (url: string): string => readRequest({ url }).target;
  assert.equal(target("http://h"), "/");
  assert.equal(target("http://h?a=1#f"), "/?a=1");
  assert.equal(target("http://h/a/../b//c/%2f"), "/a/../b//c/%2f");
});

void test("takes ports and hosts of the URL, and Host of the headers", () => {
  const { hostname, port, host } = readRequest({ url: "HTTPS://[::1]/", headers: [["Host", "x"]] });
  assert.deepEqual([hostname, port, host], ["::1", 443, "x"]);
  assert.equal(readRequest({ url: "http://h:81/" }).host, "h:81");
});

void test("writes the bytes that a client would send", () => {
  const request = readRequest({
    url: "http://h/p",
    method: "POST",
    headers: [["X-A", "ü"]],
  });
  assert.equal(
    requestBytes(request).toString("utf8"),
    "POST /p HTTP/1.1\r\nhost: h\r\nx-a: ü\r\n\r\n",
  );
  const connect = readRequest({ url: "http://h:443/", method: "CONNECT" });
  assert.match(requestBytes(connect).toString("utf8"), /^CONNECT h:443 HTTP\/1\.1\r\n/);
});

void test("reads sources with and without a port", () => {
  const source = (text: string): string =>
    readRequest({ url: "http://h", source: text }).source.text;
  assert.equal(source(""), "127.0.0.1:50000");
  assert.equal(source("10.0.0.1"), "10.0.0.1:50000");
  assert.equal(source("10.0.0.1:7"), "10.0.0.1:7");
  assert.equal(source("::1"), "[::1]:50000");
  assert.equal(source("[::1]:7"), "[::1]:7");
});

const REFUSED: readonly (readonly [text: RequestText, message: RegExp])[] = [
  [{ url: "h/" }, /^expected a URL such as http:\/\/host:port\/path, got "h\/"$/],
  [{ url: "http:///x" }, /^expected a URL/],
  [{ url: "http://h:65536/" }, /^expected a port up to 65535/],
  [{ url: "http://h", method: "A B" }, /^expected a method, got "A B"$/],
  [{ url: "http://h", headers: [["a b", "c"]] }, /^expected the name of a header, got "a b"$/],
  [{ url: "http://h", headers: [["a", "b\r\nc: d"]] }, /^header a: expected a value without line/],
  [{ url: "http://h", source: "name" }, /^source: expected an IP address/],
];

for (const [text, message] of REFUSED) {
  void test(`refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => readRequest(text), { name: "ExplainError", message });
  });
}
