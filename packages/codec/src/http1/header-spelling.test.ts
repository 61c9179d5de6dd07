import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeaderMap } from "../header-map.ts";
import { Http1ClientCodec } from "./client-codec.ts";
import { http1Options, type Http1Options, type PreserveCaseOptions } from "./options.ts";
import { Http1ServerCodec } from "./server-codec.ts";
import { readResponse, requestMap } from "./testing/drive.ts";
import { RecordingCallbacks, RecordingSink } from "./testing/recorders.ts";

const KEEP: PreserveCaseOptions = { forwardReasonPhrase: false, ownHeaders: "lower_case" };

/** Reads a request with a server codec's options and writes it with a client codec's. */
function forward(
  head: string,
  server: Partial<Http1Options>,
  client: Partial<Http1Options> = {},
  change: (headers: HeaderMap) => void = () => {},
): string {
  const sink = new RecordingSink();
  const seen = new RecordingCallbacks();
  const codec = new Http1ServerCodec(seen, http1Options(server));
  seen.onHeaders = (headers, endStream): void => {
    change(headers);
    new Http1ClientCodec(new RecordingCallbacks(), http1Options(client)).encodeHeaders(
      sink,
      headers,
      endStream,
    );
  };
  codec.execute(Buffer.from(head, "latin1"), 0, head.length);
  return sink.text;
}

const HEAD = "GET / HTTP/1.1\r\nHOST: a\r\nX-MiXeD: 1\r\nx-mixed: 2\r\nuser-AGENT: u\r\n\r\n";

void test("a request keeps the first spelling of each name", () => {
  assert.equal(
    forward(HEAD, { preserveCase: KEEP }),
    "GET / HTTP/1.1\r\nHOST: a\r\nX-MiXeD: 1\r\nX-MiXeD: 2\r\nuser-AGENT: u\r\n\r\n",
  );
});

void test("the spelling that came wins over the format of the connection", () => {
  const add = (headers: HeaderMap): void => headers.add("x-added", "3");
  const text = forward(HEAD, { preserveCase: KEEP }, { headerKeyFormat: "proper_case_words" }, add);
  assert.match(text, /X-MiXeD: 1/);
  assert.match(text, /\r\nx-added: 3/);
});

void test("names that were added are written as asked for", () => {
  const preserveCase: PreserveCaseOptions = { ...KEEP, ownHeaders: "proper_case_words" };
  const text = forward("GET / HTTP/1.1\r\nhost: a\r\nx-low: 1\r\n\r\n", { preserveCase }, {}, (h) =>
    h.add("x-added", "3"),
  );
  assert.equal(text, "GET / HTTP/1.1\r\nhost: a\r\nx-low: 1\r\nX-Added: 3\r\n\r\n");
});

void test("framing that the codec writes follows the spelling too", () => {
  const head = "POST / HTTP/1.1\r\nHost: a\r\nTRANSFER-encoding: chunked\r\n\r\n";
  assert.match(forward(head, { preserveCase: KEEP }), /\r\nTRANSFER-encoding: chunked\r\n/);
});

void test("a copy of the headers is spelled alike", () => {
  let copy: HeaderMap | null = null;
  forward(HEAD, { preserveCase: KEEP }, {}, (headers) => (copy = headers.clone()));
  assert.equal(copy!.spelling?.spell("x-mixed"), "X-MiXeD");
});

/** The head that a server codec writes for a response read with `options`. */
function answer(response: string, options: Partial<Http1Options>): string {
  const { seen } = readResponse("GET", response, false, options);
  const server = new Http1ServerCodec(new RecordingCallbacks(), http1Options({}));
  const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  server.execute(Buffer.from(request, "latin1"), 0, request.length);
  const sink = new RecordingSink();
  server.encodeHeaders(sink, seen.messages[0]!.headers, true);
  return sink.text;
}

void test("a response keeps its names, and its reason phrase where that is wanted", () => {
  const response = "HTTP/1.1 299 Fine By Me\r\nX-Up: 1\r\nContent-LENGTH: 0\r\n\r\n";
  assert.equal(
    answer(response, { preserveCase: { ...KEEP, forwardReasonPhrase: true } }),
    "HTTP/1.1 299 Fine By Me\r\nX-Up: 1\r\nContent-LENGTH: 0\r\n\r\n",
  );
  assert.match(answer(response, { preserveCase: KEEP }), /^HTTP\/1\.1 299 Unknown\r\nX-Up: 1/);
});

void test("an empty reason phrase is replaced by the usual one", () => {
  const response = "HTTP/1.1 404 \r\ncontent-length: 0\r\n\r\n";
  const preserveCase = { ...KEEP, forwardReasonPhrase: true };
  assert.match(answer(response, { preserveCase }), /^HTTP\/1\.1 404 Not Found\r\n/);
});

void test("nothing is remembered unless asked for", () => {
  let spelling: unknown = "not called";
  forward(HEAD, {}, {}, (headers) => (spelling = headers.spelling));
  assert.equal(spelling, null);
  assert.equal(requestMap("GET").spelling, null);
});
