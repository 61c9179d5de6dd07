import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { cutsOf, everyByte, mutated } from "../testing/mutated-text.ts";
import { FrameFlag, FrameType } from "./frames.ts";
import {
  block,
  data,
  frame,
  GET,
  goAway,
  headers,
  OK,
  POST,
  PREFACE,
  rstStream,
  settings,
  SETTINGS,
  windowUpdate,
} from "./testing/frames.ts";
import { headerMap, TestClient, TestServer } from "./testing/recorder.ts";

/** What a client sends, a conversation each. */
const REQUESTS: readonly string[] = [
  headers(1, GET) + headers(3, POST, false) + data(3, "hello", false) + data(3, " you"),
  headers(1, POST, false) + data(1, "abc", false) + headers(1, [["t", "1"]]),
  frame(FrameType.Headers, FrameFlag.EndStream, 1, block(GET).slice(0, 30)) +
    frame(FrameType.Continuation, FrameFlag.EndHeaders, 1, block(GET).slice(30)),
  headers(1, POST, false) +
    frame(FrameType.Data, FrameFlag.Padded, 1, "\x04ab\0\0\0\0") +
    frame(FrameType.Data, FrameFlag.Padded | FrameFlag.EndStream, 1, "\x02\0\0"),
  headers(1, [...POST, ["content-length", "0"]], false) + data(1, ""),
  headers(1, POST, false) + rstStream(1, 8) + frame(FrameType.Ping, 0, 0, "12345678"),
  settings([4, 3], [5, 20_000]) + windowUpdate(0, 10) + headers(1, GET) + goAway(0, 0),
  headers(1, [...GET, ["Bad", "1"]]) + headers(3, [...GET, ["x", "a\0"]]) + headers(5, GET),
  headers(1, GET) + data(1, "late") + headers(3, GET) + windowUpdate(3, 0),
  frame(0x77, 3, 9, "what") + frame(FrameType.Priority, 0, 3, "\0\0\0\x01\x05") + headers(3, GET),
];

const RESPONSES: readonly string[] = [
  headers(1, [[":status", "103"]], false) + headers(1, OK, false) + data(1, "hello"),
  headers(3, OK) + headers(1, OK, false) + data(1, "a", false) + headers(1, [["t", "1"]]),
  rstStream(1, 7) + headers(3, [...OK, ["content-length", "5"]], false) + data(3, "hell"),
  goAway(1, 0) + headers(1, OK),
];

/** Everything that came of the input: what was told, and what was written. */
function serverOutcome(text: string, cuts: readonly number[]): unknown {
  const server = new TestServer({ overrideStreamErrorOnInvalidHttpMessage: true });
  server.connection.onStream = (stream, seen) => {
    seen.act = (event) => {
      if (!event.endsWith("END") && !event.startsWith("trailers")) return;
      stream.encodeHeaders(headerMap(OK), false);
      stream.encodeData(Buffer.from("answer"), true);
    };
  };
  server.read(text, cuts);
  return {
    written: server.sink.text,
    events: server.connection.events,
    streams: [...server.connection.streams].map(([stream, seen]) => [stream.id, seen.all]),
    counters: server.counters.values,
    active: server.codec.activeStreams,
  };
}

function clientOutcome(text: string, cuts: readonly number[]): unknown {
  const client = new TestClient({ overrideStreamErrorOnInvalidHttpMessage: true });
  client.request(GET);
  client.request(POST, false);
  client.read(text, cuts);
  return {
    written: client.sink.text,
    events: client.connection.events,
    streams: [...client.connection.streams].map(([stream, seen]) => [stream.id, seen.all]),
    counters: client.counters.values,
    active: client.codec.activeStreams,
  };
}

/** Octets that matter to frames and fields, and whole conversations. */
const INSERTED = fc.oneof(
  fc.constantFrom("", "\0", "\x01", "\x04", "\x05", "\x09", "\x7f", "\x80", "\xff"),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
  fc.constantFrom(...REQUESTS, ...RESPONSES),
);
const EDITED_BYTES = 400;

describe("reading HTTP/2 in pieces", () => {
  it("comes to the same, cut at every octet", () => {
    for (const text of REQUESTS) {
      const whole = PREFACE + text;
      assert.deepEqual(serverOutcome(whole, everyByte(whole)), serverOutcome(whole, []));
    }
    for (const text of RESPONSES) {
      const whole = SETTINGS + text;
      assert.deepEqual(clientOutcome(whole, everyByte(whole)), clientOutcome(whole, []));
    }
  });

  it("comes to the same, changed here and there and cut anywhere", () => {
    const withCuts = (texts: readonly string[]): fc.Arbitrary<[string, number[]]> =>
      mutated(texts, EDITED_BYTES, INSERTED).chain((text) =>
        fc.tuple(fc.constant(text), cutsOf(text)),
      );
    fc.assert(
      fc.property(withCuts(REQUESTS), ([text, cuts]) => {
        const whole = PREFACE + text;
        assert.deepEqual(
          serverOutcome(
            whole,
            cuts.map((cut) => cut + PREFACE.length),
          ),
          serverOutcome(whole, []),
        );
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(withCuts(RESPONSES), ([text, cuts]) => {
        assert.deepEqual(clientOutcome(SETTINGS + text, cuts), clientOutcome(SETTINGS + text, []));
      }),
      { numRuns: 300 },
    );
  });

  it("throws for no input", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, greeted) => {
        const text = Buffer.from(bytes).toString("latin1");
        serverOutcome(greeted ? PREFACE + text : text, []);
        clientOutcome(greeted ? SETTINGS + text : text, []);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            type: fc.nat(10),
            flags: fc.constantFrom(0, 1, 4, 5, 8, 9, 13, 32, 37, 45),
            id: fc.nat(6),
            payload: fc.oneof(
              fc.uint8Array({ maxLength: 20 }).map((b) => Buffer.from(b).toString("latin1")),
              fc.constantFrom(block(GET), block(OK), block([["t", "1"]])),
            ),
          }),
          { maxLength: 12 },
        ),
        (frames) => {
          const text = frames.map((f) => frame(f.type, f.flags, f.id, f.payload)).join("");
          serverOutcome(PREFACE + text, []);
          clientOutcome(SETTINGS + text, []);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
