import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Http1Options } from "./options.ts";
import { readRequests, readResponse, type ServerRun } from "./testing/drive.ts";

const POST = "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n";
const NEXT = "GET /next HTTP/1.1\r\nHost: a.test\r\n\r\n";

const read = (body: string, options: Partial<Http1Options> = {}): ServerRun =>
  readRequests(POST + body, options);

describe("chunked bodies", () => {
  const good: readonly (readonly [string, string, string])[] = [
    ["one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello"],
    ["several", "5\r\nhello\r\n1\r\n,\r\n00\r\n\r\n", "hello,"],
    ["none", "0\r\n\r\n", ""],
    [
      "digits of both cases and leading zeros",
      "00a\r\n0123456789\r\nA\r\nabcdefghij\r\n0\r\n\r\n",
      "0123456789abcdefghij",
    ],
    ["extensions", "5;a=b\r\nhello\r\n0;c\r\n\r\n", "hello"],
    ["quoted extensions and whitespace before", '5 \t;a="b;c"\r\nhello\r\n0\r\n\r\n', "hello"],
    ["CRLF inside the data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"],
    ["what looks like the end inside the data", "7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n", "\r\n0\r\n\r\n"],
  ];
  for (const [name, body, expected] of good) {
    it(name, () => {
      const { seen } = read(body + NEXT);
      assert.deepEqual(
        [seen.errors.length, seen.messages[0]!.body, seen.messages[0]!.ended],
        [0, expected, true],
      );
      assert.equal(seen.messages[1]!.headers.path, "/next");
    });
  }
});

describe("chunked bodies that are refused", () => {
  const bad: readonly (readonly [string, string])[] = [
    ["0x", "0x5\r\nhello\r\n0\r\n\r\n"],
    ["minus", "-5\r\nhello\r\n0\r\n\r\n"],
    ["plus", "+5\r\nhello\r\n0\r\n\r\n"],
    ["underscore", "0_5\r\nhello\r\n0\r\n\r\n"],
    ["2^64 + 5", "10000000000000005\r\nhello\r\n0\r\n\r\n"],
    ["2^53", "20000000000000\r\nhello\r\n0\r\n\r\n"],
    ["more digits than anyone needs", `${"0".repeat(16)}5\r\nhello\r\n0\r\n\r\n`],
    ["leading space", " 5\r\nhello\r\n0\r\n\r\n"],
    ["trailing space without an extension", "5 \r\nhello\r\n0\r\n\r\n"],
    ["junk", "5xyz\r\nhello\r\n0\r\n\r\n"],
    ["no size", "\r\nhello\r\n0\r\n\r\n"],
    ["an extension without size", ";a\r\nhello\r\n0\r\n\r\n"],
    ["bare LF behind the size", "5\nhello\r\n0\r\n\r\n"],
    ["bare CR behind the size", "5\rXhello\r\n0\r\n\r\n"],
    ["bare LF in an extension", "5;a\nhello\r\n0\r\n\r\n"],
    ["NUL in an extension", "5;a\0\r\nhello\r\n0\r\n\r\n"],
    ["bare LF behind the data", "5\r\nhello\n0\r\n\r\n"],
    ["other bytes behind the data", "5\r\nhelloXX\r\n0\r\n\r\n"],
    ["two bytes for CRLF", "5\r\nhelloXX0\r\n\r\n"],
    ["a trailer with a space in its name", "5\r\nhello\r\n0\r\nX T: 1\r\n\r\n"],
    ["a folded trailer", "5\r\nhello\r\n0\r\nX: 1\r\n 2\r\n\r\n"],
    ["bare LF at the end", "0\r\n\n"],
  ];
  for (const [name, body] of bad) {
    it(name, () => {
      const { codec, seen } = read(body + NEXT);
      assert.equal(seen.errors[0]?.code, "http1.codec_error");
      assert.deepEqual(
        [seen.messages.length, seen.messages[0]!.ended, codec.keepAlive],
        [1, false, false],
      );
    });
  }

  it("limits the extensions of a message: maxChunkExtensionBytes", () => {
    const chunk = `5;${"a".repeat(9)}\r\nhello\r\n`;
    const options = { maxChunkExtensionBytes: 18 };
    assert.equal(read(`${chunk}${chunk}0\r\n\r\n`, options).seen.messages[0]!.ended, true);
    const { seen } = read(`${chunk}${chunk}0;a\r\n\r\n`, options);
    assert.equal(seen.errors[0]!.code, "http1.chunk_extensions_too_large");
    const again = read(`${chunk}${chunk}0\r\n\r\n${POST}${chunk}0\r\n\r\n`, options);
    assert.deepEqual([again.seen.errors.length, again.seen.messages.length], [0, 2]);
  });
});

describe("trailers", () => {
  const body = "5\r\nhello\r\n0\r\nX-T: 1\r\nx-u: 2\r\n\r\n";

  it("are dropped by default", () => {
    const [message, next] = read(body + NEXT).seen.messages;
    assert.deepEqual(
      [message!.body, message!.trailers, message!.headers.has("x-t")],
      ["hello", null, false],
    );
    assert.equal(next!.headers.path, "/next");
  });

  it("come with enableTrailers", () => {
    const [message] = read(body, { enableTrailers: true }).seen.messages;
    assert.deepEqual([message!.body, message!.trailers], ["hello", ["x-t", "1", "x-u", "2"]]);
    const response = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
    const { seen } = readResponse("GET", response, false, { enableTrailers: true });
    assert.deepEqual(seen.messages[0]!.trailers, ["x-t", "1", "x-u", "2"]);
  });

  it("count as header bytes where they are delivered", () => {
    // Envoy 1.40 adds them to %DOWNSTREAM_HEADER_BYTES_RECEIVED%.
    const response = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
    const count = (enableTrailers: boolean): number =>
      readResponse("GET", response, false, { enableTrailers }).codec.trailerBytes;
    assert.deepEqual([count(true), count(false)], [14, 0]);
  });

  for (const name of ["Content-Length", "transfer-encoding", "Host", "Connection", "TE"]) {
    it(`must not hold ${name}`, () => {
      const { seen } = read(`0\r\n${name}: 1\r\n\r\n`, { enableTrailers: true });
      assert.equal(seen.errors[0]!.code, "http1.disallowed_trailer");
    });
  }

  it("obey headersWithUnderscoresAction, in requests", () => {
    const options = { enableTrailers: true, headersWithUnderscoresAction: "DROP_HEADER" } as const;
    const underscore = "0\r\nx_t: 1\r\n\r\n";
    assert.equal(read(underscore, options).seen.messages[0]!.trailers, null);
    const rejecting = { ...options, headersWithUnderscoresAction: "REJECT_REQUEST" } as const;
    assert.equal(read(underscore, rejecting).seen.errors[0]!.code, "http1.unexpected_underscore");
    const response = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${underscore}`;
    assert.deepEqual(readResponse("GET", response, false, rejecting).seen.messages[0]!.trailers, [
      "x_t",
      "1",
    ]);
  });
});
