import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { appendHeader, joinRepeatedLines, REQUEST_JOINED } from "./header-lines.ts";

function request(lines: readonly string[]): HeaderMap {
  const headers = new HeaderMap();
  headers.method = "GET";
  headers.entries.push(...lines);
  return headers;
}

/** Seen on Envoy 1.40. */
void test("repeated lines of a header that is one are joined at the first, all others stay", () => {
  const headers = request([
    "accept",
    "",
    "x-other",
    "a",
    "accept",
    "x",
    "accept",
    "",
    "x-other",
    "b",
    "accept",
    "y",
  ]);
  joinRepeatedLines(headers);
  assert.deepEqual(headers.entries, ["accept", "x,y", "x-other", "a", "x-other", "b"]);
});

void test("what is one depends on the kind of headers", () => {
  const lines = [
    "server",
    "a",
    "server",
    "b",
    "accept",
    "a",
    "accept",
    "b",
    "grpc-status",
    "0",
    "grpc-status",
    "1",
  ];
  const asRequest = request(lines);
  joinRepeatedLines(asRequest);
  assert.deepEqual(asRequest.entries.slice(0, 5), ["server", "a", "server", "b", "accept"]);
  assert.equal(asRequest.get("accept"), "a,b");
  const response = new HeaderMap();
  response.status = 200;
  response.entries.push(...lines);
  joinRepeatedLines(response);
  assert.equal(response.get("server"), "a,b");
  assert.deepEqual(response.getAll("accept"), ["a", "b"]);
  const trailers = new HeaderMap();
  trailers.entries.push(...lines);
  joinRepeatedLines(trailers);
  assert.equal(trailers.get("grpc-status"), "0,1");
  assert.deepEqual(trailers.getAll("server"), ["a", "b"]);
});

void test("each name of the longest list has a bit of its own in two integers", () => {
  for (const name of REQUEST_JOINED.keys()) {
    const headers = request([name, "1"]);
    for (const other of REQUEST_JOINED.keys()) if (other !== name) headers.add(other, "1");
    const before = [...headers.entries];
    joinRepeatedLines(headers);
    assert.deepEqual(headers.entries, before);
    headers.add(name, "2");
    joinRepeatedLines(headers);
    assert.equal(headers.get(name), "1,2");
  }
  assert.ok(REQUEST_JOINED.size <= 64);
});

void test("appending an empty value to a header that is one leaves it", () => {
  const headers = request(["accept", "a", "x-other", "a"]);
  appendHeader(headers, "accept", "");
  appendHeader(headers, "x-other", "");
  assert.deepEqual(headers.entries, ["accept", "a", "x-other", "a", "x-other", ""]);
});
