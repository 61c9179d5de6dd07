import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { HeaderMap } from "../header-map.ts";
import { cutsOf, everyByte, mutated } from "../testing/mutated-text.ts";
import { Http1ClientCodec } from "./client-codec.ts";
import { http1Options } from "./options.ts";
import { Http1ServerCodec } from "./server-codec.ts";
import { readRequests, readResponse, requestMap, responseMap } from "./testing/drive.ts";
import { EVENT_OPTIONS, requestEvents, responseEvents } from "./testing/events.ts";
import { RecordingCallbacks, RecordingSink } from "./testing/recorders.ts";

const REQUESTS: readonly string[] = [
  "GET / HTTP/1.1\r\nHost: a.test\r\n\r\nGET /2 HTTP/1.1\r\nhost:a.test\r\nX-Foo:  b \r\n\r\n",
  "POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhelloPUT / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
  "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nX-T: 1\r\n\r\nGET /n HTTP/1.1\r\n\r\n",
  "\r\nEVENT_OPTIONS http://b.test HTTP/1.0\r\nConnection: keep-alive\r\n\r\nCONNECT b.test:1 HTTP/1.1\r\n\r\nraw",
  "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nraw",
];

const RESPONSES: readonly string[] = [
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
  "HTTP/1.0 200\r\nServer: x\r\n\r\nuntil the end",
  "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\nleft",
];

/** Mostly what matters to the grammar. */
const INSERTED = fc.oneof(
  fc.constantFrom("", "\r", "\n", "\r\n", " ", "\t", ":", ";", ",", "0", "\0", "\x7f", "_", "\xff"),
  fc.constantFrom("Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Host: b\r\n"),
  fc.constantFrom("Connection: close\r\n", "a".repeat(1100)),
);
const EDITED_BYTES = 300;

const anyBytes: fc.Arbitrary<string> = fc
  .uint8Array({ maxLength: 200 })
  .map((bytes) => Buffer.from(bytes).toString("latin1"));

describe("input cut anywhere gives the same events", () => {
  for (const text of REQUESTS) {
    it(`request ${JSON.stringify(text.slice(0, 40))}`, () => {
      const whole = requestEvents(text, []);
      for (const cut of everyByte(text))
        assert.deepEqual(requestEvents(text, [cut]), whole, `cut at ${cut}`);
      assert.deepEqual(requestEvents(text, everyByte(text)), whole);
    });
  }

  for (const text of RESPONSES) {
    it(`response ${JSON.stringify(text.slice(0, 40))}`, () => {
      const whole = responseEvents(text, []);
      // Bytes behind a response make it an error only when they come later; the connection is lost either way.
      const cuts = everyByte(text).filter(
        (cut) => cut <= text.lastIndexOf("\r\n\r\n") || !text.includes("304"),
      );
      for (const cut of cuts) assert.deepEqual(responseEvents(text, [cut]), whole, `cut at ${cut}`);
    });
  }

  it("mutated requests", () => {
    const property = mutated(REQUESTS, EDITED_BYTES, INSERTED).chain((text) =>
      fc.tuple(fc.constant(text), cutsOf(text)),
    );
    fc.assert(
      fc.property(property, ([text, cuts]) => {
        const whole = requestEvents(text, []);
        assert.deepEqual(requestEvents(text, cuts), whole);
        assert.deepEqual(requestEvents(text, everyByte(text)), whole);
      }),
      { numRuns: 2000 },
    );
  });

  it("random bytes, as requests and responses", () => {
    fc.assert(
      fc.property(anyBytes, (text) => {
        assert.deepEqual(requestEvents(text, everyByte(text)), requestEvents(text, []));
        assert.deepEqual(responseEvents(text, everyByte(text)), responseEvents(text, []));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("mutated responses", () => {
  it("end in one way: complete or one error", () => {
    fc.assert(
      fc.property(mutated(RESPONSES, EDITED_BYTES, INSERTED), (text) => {
        const { codec, seen } = readResponse("GET", text, true, EVENT_OPTIONS);
        const [message] = seen.messages;
        assert.ok(seen.messages.length <= 1 && seen.errors.length <= 1);
        if (seen.errors.length === 0) assert.ok(message === undefined || message.ended);
        assert.equal(codec.reusable, false);
      }),
      { numRuns: 3000 },
    );
  });
});

const TOKEN = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const VALUE = fc.stringMatching(/^([!-~]([ -~]{0,30}[!-~])?)?$/);
/** Names that the codec gives a meaning have tests of their own. */
const OWN =
  /^(host|content-length|transfer-encoding|connection|upgrade|expect|te|keep-alive|proxy-connection)$/;
const lines = fc
  .array(
    fc.tuple(
      TOKEN.filter((name) => !OWN.test(name)),
      VALUE,
    ),
    { maxLength: 12 },
  )
  .map((pairs) => pairs.flat());
const bodyPieces = fc
  .array(fc.string({ maxLength: 40 }), { maxLength: 4 })
  .map((pieces) => pieces.map((piece) => Buffer.from(piece)));
const trailerLines = fc.option(lines);

function write(
  codec: Http1ClientCodec | Http1ServerCodec,
  headers: HeaderMap,
  pieces: readonly Buffer[],
  trailers: readonly string[] | null,
): string {
  const sink = new RecordingSink();
  codec.encodeHeaders(sink, headers, false);
  for (const piece of pieces) codec.encodeData(sink, piece, false);
  if (trailers === null) codec.encodeData(sink, Buffer.alloc(0), true);
  else codec.encodeTrailers(sink, responseMap(0, trailers));
  return sink.text;
}

describe("what is written can be read", () => {
  it("requests", () => {
    fc.assert(
      fc.property(
        lines,
        bodyPieces,
        trailerLines,
        fc.boolean(),
        (entries, pieces, trailers, counted) => {
          const body = Buffer.concat(pieces).toString("latin1");
          const all = counted ? [...entries, "content-length", String(body.length)] : entries;
          const client = new Http1ClientCodec(
            new RecordingCallbacks(),
            http1Options(EVENT_OPTIONS),
          );
          const text = write(client, requestMap("POST", all), pieces, trailers);
          const { seen } = readRequests(
            text,
            { ...EVENT_OPTIONS, maxHeadersKb: 60 },
            everyByte(text),
          );
          assert.deepEqual(
            seen.messages.map((message) => [message.body, message.ended]),
            [[body, true]],
          );
          assert.deepEqual(seen.messages[0]!.headers.entries, all);
          const expected = counted || trailers === null || trailers.length === 0 ? null : trailers;
          assert.deepEqual(seen.messages[0]!.trailers, expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("responses", () => {
    fc.assert(
      fc.property(
        lines,
        bodyPieces,
        trailerLines,
        fc.integer({ min: 200, max: 599 }),
        (entries, pieces, trailers, status) => {
          const { codec } = readRequests("GET / HTTP/1.1\r\nHost: a\r\n\r\n", EVENT_OPTIONS);
          const text = write(codec, responseMap(status, entries), pieces, trailers);
          const { codec: client, seen } = readResponse("GET", text, false, {
            ...EVENT_OPTIONS,
            maxHeadersKb: 60,
          });
          const bodiless = status === 204 || status === 304;
          const [message] = seen.messages;
          assert.equal(message!.body, bodiless ? "" : Buffer.concat(pieces).toString("latin1"));
          assert.deepEqual([message!.headers.status, message!.headers.entries], [status, entries]);
          assert.equal(client.reusable, true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
