import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRequests, readResponse } from "./testing/drive.ts";

const START = "GET / HTTP/1.1\r\nHost: a.test\r\n";

/** A request whose head has `bytes` bytes. */
function headOf(bytes: number): string {
  return `${START}X: ${"a".repeat(bytes - START.length - 7)}\r\n\r\n`;
}

describe("limits", () => {
  it("maxHeadersKb holds for the whole head", () => {
    const limit = 60 * 1024;
    for (const cuts of [[], [100], [limit - 1]]) {
      assert.equal(readRequests(headOf(limit), {}, cuts).seen.messages.length, 1);
      const { seen, codec } = readRequests(headOf(limit + 1), {}, cuts);
      assert.deepEqual(
        [seen.errors[0]?.code, seen.messages.length, codec.keepAlive],
        ["http1.headers_too_large", 0, false],
      );
    }
    assert.equal(readRequests(headOf(1025), { maxHeadersKb: 1 }).seen.errors[0]?.status, 431);
    assert.equal(
      readRequests(`GET /${"a".repeat(2000)}`, { maxHeadersKb: 1 }).seen.errors[0]?.status,
      431,
    );
    assert.equal(readRequests("\r\n".repeat(600), { maxHeadersKb: 1 }).seen.errors[0]?.status, 431);
  });

  it("maxHeadersKb does not limit what follows the head", () => {
    const body = "b".repeat(5000);
    const { seen } = readRequests(
      `${START}Content-Length: 5000\r\n\r\n${body}`,
      { maxHeadersKb: 1 },
      [20, 40],
    );
    assert.equal(seen.messages[0]!.body, body);
  });

  it("maxHeadersCount", () => {
    const head = (lines: number): string => `${START}${"X: 1\r\n".repeat(lines - 1)}\r\n`;
    assert.equal(readRequests(head(100)).seen.messages[0]!.headers.size, 99);
    assert.equal(readRequests(head(101)).seen.errors[0]?.code, "http1.too_many_headers");
    assert.equal(readRequests(head(3), { maxHeadersCount: 2 }).seen.errors[0]?.status, 431);
    assert.equal(
      readRequests(head(300), { maxHeadersCount: 300 }).seen.messages[0]!.headers.size,
      299,
    );
  });
});

describe("limits of other sections", () => {
  it("both hold for trailers", () => {
    const post = "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    const code = (trailers: string): string | undefined =>
      readRequests(`${post}${trailers}\r\n`).seen.errors[0]?.code;
    assert.equal(code("X: 1\r\n".repeat(100)), undefined);
    assert.equal(code("X: 1\r\n".repeat(101)), "http1.too_many_headers");
    assert.equal(code(`X: ${"a".repeat(70_000)}\r\n`), "http1.headers_too_large");
  });

  it("both hold for responses", () => {
    const response = (lines: string): string =>
      `HTTP/1.1 200 OK\r\n${lines}Content-Length: 0\r\n\r\n`;
    assert.equal(readResponse("GET", response("X: 1\r\n".repeat(99))).seen.messages.length, 1);
    assert.equal(
      readResponse("GET", response("X: 1\r\n".repeat(100))).seen.errors[0]?.code,
      "http1.too_many_headers",
    );
    assert.equal(
      readResponse("GET", response(`X: ${"a".repeat(70_000)}\r\n`)).seen.errors[0]?.code,
      "http1.headers_too_large",
    );
  });

  it("maxConnectionTokens", () => {
    const code = (value: string): string | undefined =>
      readRequests(`${START}Connection: ${value}\r\n\r\n`).seen.errors[0]?.code;
    assert.equal(code("a,b,c,d,e,f,g,h,i"), undefined);
    assert.equal(code("a,b,c,d,e,f,g,h,i,j"), "http1.connection_header_rejected");
    assert.equal(code("a,b,c,d,e\r\nConnection: f,g,h,i,j"), "http1.connection_header_rejected");
    assert.equal(code(",".repeat(20)), undefined);
    const { seen } = readRequests(`${START}Connection: a, b\r\n\r\n`, { maxConnectionTokens: 1 });
    assert.equal(seen.errors.length, 1);
  });
});
