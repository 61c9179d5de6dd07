import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { HeaderMap } from "../header-map.ts";
import { Http2ErrorCode } from "./error-codes.ts";
import type { Http2Options } from "./options.ts";
import type { Http2Stream } from "./stream.ts";
import { type Fields, GET, POST } from "./testing/frames.ts";
import {
  feed,
  headerMap,
  type RecordingStream,
  TestClient,
  TestServer,
} from "./testing/recorder.ts";

/** One side of an exchange: what it says, in pieces. */
interface Message {
  readonly fields: Fields;
  readonly pieces: readonly number[];
  readonly trailers: Fields;
}

interface Exchange {
  readonly request: Message;
  readonly response: Message;
  /** The client stops reading for so many turns when the head of the response comes. */
  readonly pauseTurns: number;
}

const fieldsOf: fc.Arbitrary<Fields> = fc.array(
  fc.tuple(
    fc.constantFrom("x-a", "x-b", "authorization", "content-type", "set-cookie"),
    fc.oneof(fc.constantFrom("1", "2", ""), fc.stringMatching(/^[!-~]{0,40}$/)),
  ),
  { maxLength: 5 },
);

const message: fc.Arbitrary<Message> = fc.record({
  fields: fieldsOf,
  pieces: fc.array(fc.nat(60_000), { maxLength: 4 }),
  trailers: fc.oneof(fc.constant([]), fieldsOf),
});

const exchanges: fc.Arbitrary<Exchange[]> = fc.array(
  fc.record({ request: message, response: message, pauseTurns: fc.nat(4) }),
  { minLength: 1, maxLength: 6 },
);

const optionsOf: fc.Arbitrary<Partial<Http2Options>> = fc.record({
  hpackTableSizeBytes: fc.constantFrom(0, 100, 4096, 10_000),
  initialStreamWindowBytes: fc.constantFrom(1000, 65_535, 200_000),
  initialConnectionWindowBytes: fc.constantFrom(65_535, 300_000),
  maxFrameSizeBytes: fc.constantFrom(16_384, 40_000),
  streamBufferLimitBytes: fc.constantFrom(1000, 1_000_000),
  maxInboundWindowUpdateFramesPerDataFrameSent: fc.constant(10_000),
});

/** Says a message: everything at once, as an owner without watermarks would. */
function say(stream: Http2Stream, head: HeaderMap, { pieces, trailers }: Message): void {
  const hasTrailers = trailers.length > 0;
  stream.encodeHeaders(head, pieces.length === 0 && !hasTrailers);
  for (const [index, length] of pieces.entries()) {
    const last = index === pieces.length - 1 && !hasTrailers;
    stream.encodeData(Buffer.alloc(length, 97 + index), last);
  }
  if (hasTrailers) stream.encodeTrailers(headerMap(trailers));
}

/** What a message looks like when it has arrived. */
function expected(start: string, { fields, pieces, trailers }: Message): string[] {
  const length = pieces.reduce((sum, piece) => sum + piece, 0);
  const lines = fields.map(([name, value]) => `,${name}=${value}`).join("");
  const arrived = [`headers ${start}${lines}`];
  if (pieces.length === 0 && trailers.length === 0) return [`${arrived[0]} END`];
  if (length > 0) arrived.push(`data ${length}`);
  if (trailers.length === 0) arrived.push("END");
  else arrived.push(`trailers ${trailers.map(([name, value]) => `${name}=${value}`).join(",")}`);
  return arrived;
}

/** The same of what was recorded: data by its length. */
function told(seen: RecordingStream): string[] {
  const lines: string[] = [];
  let length = 0;
  for (const event of seen.all) {
    if (event === "high" || event === "low" || event === "closed") continue;
    const data = /^data (?:(\d+) bytes|"(.*?)")( END)?$/.exec(event);
    if (data !== null) {
      length += data[1] === undefined ? data[2]!.length : Number(data[1]);
      if (data[3] !== undefined) lines.push(...(length > 0 ? [`data ${length}`] : []), "END");
    } else {
      if (event.startsWith("trailers") && length > 0) lines.push(`data ${length}`);
      lines.push(event);
    }
  }
  return lines;
}

/** Carries output over until nothing more comes; `turn` is called in between. */
function exchange(client: TestClient, server: TestServer, cut: number, turn: () => boolean): void {
  for (;;) {
    const more = turn();
    const up = client.sink.take();
    const down = server.sink.take();
    if (up === "" && down === "" && !more) return;
    feed(server.codec, up, [cut]);
    feed(client.codec, down, [cut]);
  }
}

describe("two codecs back to back", () => {
  it("carry any exchanges, whatever their windows", () => {
    fc.assert(
      fc.property(exchanges, optionsOf, optionsOf, fc.nat(3000), (all, ours, theirs, cut) => {
        const client = new TestClient(ours);
        const server = new TestServer(theirs);
        const responses = all.map((entry) => entry.response);
        server.connection.onStream = (stream, seen) => {
          seen.act = (event) => {
            if (!event.endsWith("END") && !event.startsWith("trailers")) return;
            const response = responses[(stream.id - 1) / 2]!;
            say(stream, headerMap([[":status", "200"], ...response.fields]), response);
          };
        };
        const paused: { stream: Http2Stream; turns: number }[] = [];
        const seen = all.map(({ request, pauseTurns }) => {
          const [stream, record] = client.newStream();
          record.act = (event) => {
            if (!event.startsWith("headers") || pauseTurns === 0) return;
            stream.readDisable(true);
            paused.push({ stream, turns: pauseTurns });
          };
          say(stream, headerMap([...POST, ...request.fields]), request);
          return record;
        });
        exchange(client, server, cut, () => {
          for (const entry of paused) if (--entry.turns === 0) entry.stream.readDisable(false);
          return paused.some((entry) => entry.turns > 0);
        });
        const request = ":method=POST,:scheme=http,:authority=a.test,:path=/x";
        for (const [index, { request: asked, response }] of all.entries()) {
          const stream = [...server.connection.streams].find(([s]) => s.id === 2 * index + 1)!;
          assert.deepEqual(told(stream[1]), expected(request, asked));
          assert.deepEqual(told(seen[index]!), expected(":status=200", response));
        }
        for (const side of [client, server]) {
          assert.equal(side.connection.error, null);
          assert.equal(side.codec.activeStreams, 0);
          assert.equal(side.counters.values["streams_active"], 0);
          assert.equal(side.counters.values["pending_send_bytes"] ?? 0, 0);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("go on when any of their streams are reset", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(5), fc.boolean(), fc.nat(3)), { maxLength: 10 }),
        fc.nat(500),
        (resets, cut) => {
          const client = new TestClient({ initialStreamWindowBytes: 70_000 });
          const server = new TestServer();
          server.connection.onStream = (stream) => {
            stream.encodeHeaders(headerMap([[":status", "200"]]), false);
            stream.encodeData(Buffer.alloc(100_000), false);
          };
          const streams = Array.from({ length: 6 }, () => client.request(POST, false)[0]);
          for (const stream of streams) stream.encodeData(Buffer.alloc(100_000), false);
          let turns = 0;
          exchange(client, server, cut, () => {
            for (const [index, byServer, turn] of resets) {
              if (turn !== turns) continue;
              if (!byServer) streams[index]!.reset(Http2ErrorCode.Cancel);
              else if (turn > 0) server.stream(2 * index + 1).reset(Http2ErrorCode.InternalError);
            }
            return ++turns <= 4;
          });
          const done = new Set(
            resets.filter(([, byServer, turn]) => !byServer || turn > 0).map(([index]) => index),
          );
          assert.equal(client.codec.activeStreams, 6 - done.size);
          assert.equal(server.codec.activeStreams, 6 - done.size);
          // What is left is as good as new.
          client.request(GET);
          exchange(client, server, cut, () => false);
          assert.equal(server.codec.activeStreams, 7 - done.size);
          for (const side of [client, server]) assert.equal(side.connection.error, null);
        },
      ),
      { numRuns: 150 },
    );
  });
});
