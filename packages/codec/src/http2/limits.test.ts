import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Http2ErrorCode } from "./error-codes.ts";
import { FrameFlag, FrameType, uint32Text } from "./frames.ts";
import type { Http2Options } from "./options.ts";
import {
  block,
  data,
  type Fields,
  frame,
  GET,
  goAway,
  headers,
  OK,
  POST,
  PREFACE,
  rstStream,
  settings,
  windowUpdate,
} from "./testing/frames.ts";
import { headerMap, TestClient, TestServer } from "./testing/recorder.ts";

const CALM = Http2ErrorCode.EnhanceYourCalm;
const PING = frame(FrameType.Ping, 0, 0, "12345678");
const PRIORITY = frame(FrameType.Priority, 0, 3, "\0\0\0\0\x05");
const CONTINUATION_FLOOD = { code: CALM, details: "http2.continuation_flood", counted: false };
const TOO_MANY = "reset remote_reset http2.too_many_headers";
const TOO_LARGE = "reset remote_reset http2.header_list_size_too_large";

/** A request that no single frame holds. */
function inFrames(fields: Fields): string {
  const text = block(fields);
  const parts = text.match(/[^]{1,16384}/g)!;
  const last = parts.length - 1;
  return parts
    .map((part, i) => {
      const type = i === 0 ? FrameType.Headers : FrameType.Continuation;
      const end = (i === 0 ? FrameFlag.EndStream : 0) | (i === last ? FrameFlag.EndHeaders : 0);
      return frame(type, end, 1, part);
    })
    .join("");
}

function start(options: Partial<Http2Options> = {}): TestServer {
  const server = new TestServer({ overrideStreamErrorOnInvalidHttpMessage: true, ...options });
  server.read(PREFACE);
  return server;
}

/** How many times `text` is taken before the connection ends; `limit` when it does not. */
function taken(server: TestServer, text: (i: number) => string, limit: number): number {
  for (let i = 0; i < limit; i++) {
    server.read(text(i));
    if (server.connection.error !== null) return i;
  }
  return limit;
}

function assertFlood(server: TestServer, details: string, counter?: string): void {
  assert.deepEqual(server.connection.error, {
    code: CALM,
    details,
    counted: counter !== undefined,
  });
  assert.match(server.written.at(-1)!, /^GOAWAY \d+ 11$/);
  if (counter !== undefined) assert.equal(server.counters.values[counter], 1);
}

describe("limits of frames", () => {
  it("consecutive frames without payload", () => {
    for (const [flags, length] of [
      [0, ""],
      [FrameFlag.Padded, "\x03\0\0\0"],
    ] as const) {
      const server = start({ maxConsecutiveInboundFramesWithEmptyPayload: 3 });
      const empty = frame(FrameType.Data, flags, 1, length);
      server.read(headers(1, POST, false));
      assert.equal(
        taken(server, () => empty.repeat(3) + data(1, "x", false), 5),
        5,
      );
      assert.equal(
        taken(server, () => empty, 10),
        3,
      );
      assertFlood(server, "http2.inbound_empty_frames_flood", "inbound_empty_frames_flood");
    }
  });

  it("CONTINUATION frames without payload", () => {
    const server = start();
    server.read(frame(FrameType.Headers, FrameFlag.EndStream, 1, block(GET)));
    assert.equal(
      taken(server, () => frame(FrameType.Continuation, 0, 1, ""), 10),
      1,
    );
    assertFlood(server, "http2.inbound_empty_frames_flood", "inbound_empty_frames_flood");
  });

  it("PRIORITY frames, more of them for each stream", () => {
    const server = start({ maxInboundPriorityFramesPerStream: 5 });
    server.read(headers(1, GET));
    assert.equal(
      taken(server, () => PRIORITY, 20),
      10,
    );
    assertFlood(server, "http2.inbound_priority_frames_flood", "inbound_priority_frames_flood");
  });

  it("frames that mean nothing, more of them for each frame of a message", () => {
    const ack = frame(FrameType.Settings, FrameFlag.Ack, 0, "");
    for (const [ignored, before] of [
      [frame(0x42, 0xff, 7, "what"), ""],
      [ack, ack],
      [frame(FrameType.Ping, FrameFlag.Ack, 0, "not ours"), ""],
      [goAway(0, 0), goAway(0, 0)],
    ] as const) {
      const server = start({ maxInboundIgnoredFramesPerMessageFrame: 5 });
      server.read(before + headers(1, POST, false));
      assert.equal(
        taken(server, () => ignored, 20),
        10,
      );
      assertFlood(server, "http2.ignored_frames_flood");
      const busy = start({ maxInboundIgnoredFramesPerMessageFrame: 5 });
      busy.read(before + headers(1, POST, false));
      assert.equal(
        taken(busy, () => ignored.repeat(5) + data(1, "x", false), 20),
        20,
      );
    }
  });

  it("resets of a host for what has ended", () => {
    const client = new TestClient({ maxInboundIgnoredFramesPerMessageFrame: 5 });
    client.read(settings());
    client.request(GET);
    client.read(headers(1, OK) + rstStream(1, 0).repeat(10));
    assert.equal(client.connection.error, null);
    client.read(rstStream(1, 0));
    assert.equal(client.connection.events.at(-1), `error ${CALM} http2.ignored_frames_flood`);
  });

  it("WINDOW_UPDATE frames, more of them for each stream and each DATA frame sent", () => {
    const server = start({ maxInboundWindowUpdateFramesPerDataFrameSent: 2 });
    server.read(headers(1, GET));
    server.stream(1).encodeHeaders(headerMap(OK), false);
    server.stream(1).encodeData(Buffer.from("x"), false);
    assert.equal(
      taken(server, () => windowUpdate(0, 1), 20),
      5 + 2 * (1 + 2),
    );
    const name = "inbound_window_update_frames_flood";
    assertFlood(server, `http2.${name}`, name);
  });

  it("SETTINGS frames, at once and by time", () => {
    const server = start({ settingsBurst: 3, settingsPerSecond: 2 });
    assert.equal(
      taken(server, () => settings(), 2),
      2,
    );
    server.codec.nowMs = 500;
    assert.equal(
      taken(server, () => settings(), 10),
      1,
    );
    assertFlood(server, "http2.settings_flood");
  });

  it("control frames that the peer does not read", () => {
    const server = start({ maxOutboundControlFrames: 100 });
    // Whoever reads may ask as often as they like.
    assert.equal(
      taken(server, () => PING, 500),
      500,
    );
    server.sink.stuck = true;
    const count = taken(server, () => PING, 500);
    // The place in the output is known in steps of a sixteenth of the limit.
    assert.ok(count >= 100 && count < 114, String(count));
    assertFlood(server, "http2.outbound_control_frames_flood", "outbound_control_flood");
  });

  it("all frames that the peer does not read", () => {
    const server = start({ maxOutboundFrames: 50 });
    server.read(headers(1, GET));
    const stream = server.stream(1);
    stream.encodeHeaders(headerMap(OK), false);
    server.sink.stuck = true;
    for (let i = 0; i < 60; i++) stream.encodeData(Buffer.from("x"), false);
    assert.equal(server.connection.error, null);
    server.read(PING);
    assertFlood(server, "http2.outbound_frames_flood", "outbound_flood");
  });
});

describe("limits of streams", () => {
  it("open at a time", () => {
    const server = start({ maxConcurrentStreams: 2 });
    server.read(headers(1, GET) + headers(3, GET) + headers(5, POST, false) + data(5, "x"));
    assert.deepEqual(server.written, ["RST 5 7"]);
    assert.equal(server.counters.values["stream_refused_errors"], 1);
    server.stream(1).encodeHeaders(headerMap(OK), true);
    server.read(headers(7, GET));
    assert.equal(server.seen(7).length, 1);
    assert.equal(server.connection.error, null);
  });

  it("keeps header tables in step behind a refused stream", () => {
    const server = start({ maxConcurrentStreams: 1 });
    const first = block(GET.slice(0, 3));
    // Each adds an entry; the last one refers to that of the refused stream.
    const head = (id: number, rest: string): string =>
      frame(FrameType.Headers, FrameFlag.EndHeaders | FrameFlag.EndStream, id, first + rest);
    server.read(head(1, "\x41\x01a"));
    server.read(head(3, "\x41\x01b"));
    server.stream(1).encodeHeaders(headerMap(OK), true);
    server.read(head(5, "\xbe"));
    assert.match(server.seen(5)[0]!, /:authority=b/);
  });

  it("reset by the peer, at once and by time (rapid reset)", () => {
    const server = start({ streamResetBurst: 5, streamResetsPerSecond: 10 });
    const rapid = (i: number): string => headers(2 * i + 1, GET) + rstStream(2 * i + 1, 8);
    assert.equal(taken(server, rapid, 5), 5);
    server.codec.nowMs = 300;
    assert.equal(
      taken(server, (i) => rapid(5 + i), 20),
      3,
    );
    assertFlood(server, "http2.stream_reset_flood");
  });

  it("opened beyond the limit again and again", () => {
    const server = start({ streamResetBurst: 5, maxConcurrentStreams: 1 });
    server.read(headers(1, GET));
    assert.equal(
      taken(server, (i) => headers(2 * i + 3, GET), 20),
      5,
    );
    assertFlood(server, "http2.stream_reset_flood");
  });

  it("that we are made to reset (made you reset)", () => {
    const ways: readonly ((id: number) => string)[] = [
      (id) => headers(id, POST, false) + windowUpdate(id, 0),
      (id) => headers(id, POST, false) + windowUpdate(id, 1) + windowUpdate(id, 0x7fffffff),
      (id) => headers(id, GET) + data(id, "x"),
      (id) => headers(id, POST, false) + frame(FrameType.Priority, 0, id, `${uint32Text(id)}\x05`),
      (id) => headers(id, POST, false) + headers(id, [["t", "1"]], false),
      (id) => headers(id, [...GET, ["Bad", "1"]]),
    ];
    for (const way of ways) {
      const server = start({
        ownResetBurst: 5,
        ownResetsPerSecond: 10,
        maxInboundWindowUpdateFramesPerDataFrameSent: 1000,
      });
      assert.equal(
        taken(server, (i) => way(2 * i + 1), 5),
        5,
      );
      server.codec.nowMs = 300;
      assert.equal(
        taken(server, (i) => way(2 * i + 101), 20),
        3,
      );
      assertFlood(server, "http2.own_reset_flood");
    }
  });

  it("that an upstream makes us reset", () => {
    const client = new TestClient({
      ownResetBurst: 2,
      overrideStreamErrorOnInvalidHttpMessage: true,
    });
    client.read(settings());
    for (let i = 0; i < 3; i++) {
      client.request(GET);
      client.read(headers(2 * i + 1, [["Bad", "1"]]));
    }
    assert.equal(client.connection.error?.details, "http2.own_reset_flood");
  });
});

describe("limits of headers", () => {
  it("their number", () => {
    const request = (count: number): Fields => [
      ...GET,
      ...Array.from({ length: count }, (_, i) => [`x-${i}`, "1"] as const),
    ];
    const server = start({ maxHeadersCount: 20 });
    server.read(headers(1, request(16)) + headers(3, request(17)));
    assert.match(server.seen(1)[0]!, /^headers/);
    assert.equal(server.seen(3)[0], TOO_MANY);
    assert.deepEqual(server.written, ["RST 3 2"]);
    assert.equal(server.counters.values["header_overflow"], 1);
    server.read(headers(5, POST, false) + headers(5, request(21).slice(4)));
    assert.equal(server.seen(5)[1], TOO_MANY);
  });

  it("each crumb of a cookie", () => {
    const server = start({ maxHeadersCount: 7 });
    const crumbs = (count: number): Fields =>
      Array.from({ length: count }, (_, i) => ["cookie", `c${i}=1`] as const);
    server.read(headers(1, [...GET, ...crumbs(3)]) + headers(3, [...GET, ...crumbs(4)]));
    assert.match(server.seen(1)[0]!, /^headers/);
    assert.equal(server.seen(3)[0], TOO_MANY);
  });

  it("their size", () => {
    const size = GET.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    const request = (bytes: number): Fields => [...GET, ["x", "v".repeat(bytes - size - 1)]];
    const server = start({ maxHeadersKb: 1 });
    server.read(headers(1, request(1024)) + headers(3, request(1025)));
    assert.match(server.seen(1)[0]!, /^headers/);
    assert.equal(server.seen(3)[0], TOO_LARGE);
    assert.equal(server.counters.values["header_list_size_too_large"], 1);
  });

  it("their size when they are spelt out once and referred to often (HPACK bomb)", () => {
    const server = start();
    const big = `\x40\x01x\x7f\x81\x1d${"v".repeat(3840)}`;
    server.read(
      frame(FrameType.Headers, FrameFlag.EndHeaders | FrameFlag.EndStream, 1, block(GET) + big),
    );
    assert.match(server.seen(1)[0]!, /^headers/);
    server.read(
      frame(
        FrameType.Headers,
        FrameFlag.EndHeaders | FrameFlag.EndStream,
        3,
        block(GET) + "\xbe".repeat(12_000),
      ),
    );
    assert.equal(server.seen(3)[0], TOO_LARGE);
    assert.equal(server.connection.error, null);
  });

  it("the size of one field, which ends the connection", () => {
    const long = (bytes: number): Fields => [...GET, ["x", "v".repeat(bytes)]];
    const options = { maxHeadersKb: 200, maxHeaderFieldKb: 70 };
    const server = start(options);
    server.read(inFrames(long(70 * 1024)));
    assert.match(server.seen(1)[0]!, /^headers/);
    const refusing = start(options);
    refusing.read(inFrames(long(70 * 1024 + 1)));
    assert.equal(refusing.connection.error?.code, Http2ErrorCode.CompressionError);
  });

  it("a block that is somewhat too long ends its stream, one that goes on the connection", () => {
    const part = block([["x", "v".repeat(1000)]]);
    const flood = (frames: number, end: string): TestServer => {
      const server = start({ maxHeadersKb: 8, maxHeadersCount: 1000 });
      server.read(
        frame(FrameType.Headers, FrameFlag.EndStream, 1, block(GET)) +
          frame(FrameType.Continuation, 0, 1, part).repeat(frames) +
          end,
      );
      return server;
    };
    const end = frame(FrameType.Continuation, FrameFlag.EndHeaders, 1, part);
    assert.equal(flood(10, end).seen(1)[0], TOO_LARGE);
    const server = flood(17, "");
    assert.deepEqual(server.connection.error, CONTINUATION_FLOOD);
    assert.equal(server.counters.values["header_overflow"], 1);
  });

  it("a block in very many frames", () => {
    const server = start({ maxHeadersKb: 8 });
    server.read(frame(FrameType.Headers, FrameFlag.EndStream, 1, block(GET)));
    // A byte a frame: name and value of one literal, never finished.
    const bytes = `\0\x7f\xff\x7f${"a".repeat(200)}`;
    const count = taken(server, (i) => frame(FrameType.Continuation, 0, 1, bytes[i]!), 200);
    assert.equal(count, 64 + 8 - 1);
    assert.deepEqual(server.connection.error, CONTINUATION_FLOOD);
    assert.equal(server.counters.values["header_overflow"], 1);
  });
});
