import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Http2ErrorCode } from "./error-codes.ts";
import { FRAME_HEAD_BYTES, FrameFlag, FrameType, MAX_WINDOW_BYTES } from "./frames.ts";
import type { Http2Stream } from "./stream.ts";
import {
  data,
  frame,
  GET,
  headers,
  OK,
  POST,
  PREFACE,
  settings,
  windowUpdate,
} from "./testing/frames.ts";
import { headerMap, type RecordingStream, TestServer } from "./testing/recorder.ts";

const INITIAL_WINDOW = 4;
const ACK = frame(FrameType.Settings, FrameFlag.Ack, 0, "");

/** A server with requests on streams 1, 3 …, each answered by a head so far; the peer lets out `windowBytes` a stream. */
function serve(count: number, windowBytes: number, options = {}): [TestServer, Http2Stream[]] {
  const server = new TestServer(options);
  let text = PREFACE + settings([INITIAL_WINDOW, windowBytes]);
  for (let i = 0; i < count; i++) text += headers(2 * i + 1, GET);
  server.read(text);
  const streams = Array.from({ length: count }, (_, i) => server.stream(2 * i + 1));
  for (const stream of streams) stream.encodeHeaders(headerMap(OK), false);
  server.sink.take();
  return [server, streams];
}

function recorder(server: TestServer, stream: Http2Stream): RecordingStream {
  return server.connection.streams.get(stream)!;
}

/** The contents of DATA frames, and nothing else is written. */
function contentsOf(output: string): string[] {
  const bytes = Buffer.from(output, "latin1");
  const contents: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + FRAME_HEAD_BYTES + bytes.readUIntBE(at, 3);
    assert.equal(bytes[at + 3], FrameType.Data);
    contents.push(bytes.latin1Slice(at + FRAME_HEAD_BYTES, end));
    at = end;
  }
  return contents;
}

/** What a server may do with an upload: the request is there, our window is `windowBytes`. */
function upload(windowBytes: number, acknowledged = true, options = {}): TestServer {
  const server = new TestServer({
    initialStreamWindowBytes: windowBytes,
    initialConnectionWindowBytes: 65_535,
    ...options,
  });
  server.read(PREFACE + (acknowledged ? ACK : "") + headers(1, POST, false));
  return server;
}

describe("sending within the peer's windows", () => {
  it("sends what a stream's window allows, and the rest later", () => {
    const [server, [stream]] = serve(1, 3);
    stream!.encodeData(Buffer.from("hello"), true);
    assert.deepEqual([stream!.bufferedBytes, stream!.localEnded], [2, true]);
    assert.equal(server.counters.values["pending_send_bytes"], 2);
    assert.equal(recorder(server, stream!).endsSent, 0);
    server.read(windowUpdate(1, 1));
    assert.deepEqual(server.written, ['DATA 1 "hel"', 'DATA 1 "l"']);
    server.read(windowUpdate(1, 10));
    assert.deepEqual(server.written.slice(2), ['DATA 1 "o" END']);
    assert.equal(recorder(server, stream!).endsSent, 1);
    assert.equal(server.seen(1).at(-1), "closed");
    assert.equal(server.counters.values["pending_send_bytes"], 0);
  });

  it("copies what has to wait", () => {
    const [server, [stream]] = serve(1, 0);
    const lent = Buffer.from("hello");
    stream!.encodeData(lent, false);
    lent.fill(0);
    stream!.encodeData(Buffer.from(" you"), true);
    server.read(windowUpdate(1, 100));
    assert.deepEqual(server.written, ['DATA 1 "hello"', 'DATA 1 " you" END']);
  });

  it("keeps small pieces that wait in few buffers, in order", () => {
    const [server, [stream]] = serve(1, 0, { streamBufferLimitBytes: 1024 });
    const pieces = Array.from({ length: 40_000 }, (_, i) => String.fromCharCode(97 + (i % 26)));
    // The last one is larger than the room behind those before.
    pieces.push("x".repeat(20_000));
    for (const piece of pieces) stream!.encodeData(Buffer.from(piece), false);
    server.read(windowUpdate(1, 12_345) + windowUpdate(1, 100_000));
    const contents = contentsOf(server.sink.take());
    assert.equal(contents.join(""), pieces.join(""));
    assert.ok(contents.length < 30, `${contents.length} frames`);
    assert.equal(stream!.bufferedBytes, 0);
  });

  it("sends trailers behind what waits, and an empty end needs no window", () => {
    const [server, [first, second]] = serve(2, 0);
    first!.encodeData(Buffer.from("abc"), false);
    first!.encodeTrailers(headerMap([["t", "1"]]));
    second!.encodeData(Buffer.alloc(0), true);
    assert.deepEqual(server.written, ['DATA 3 "" END']);
    server.read(windowUpdate(1, 3));
    assert.deepEqual(server.written.slice(1), ['DATA 1 "abc"', "HEADERS 1 t=1 END"]);
  });

  it("sends no more than the connection's window, in turns", () => {
    const [server, streams] = serve(4, 1_000_000);
    streams[0]!.encodeData(Buffer.alloc(65_535), false);
    for (const stream of streams.slice(1)) stream.encodeData(Buffer.alloc(20_000), true);
    server.sink.take();
    server.read(windowUpdate(0, 16_384 * 3 + 100));
    assert.deepEqual(server.written, [
      "DATA 3 16384 bytes",
      "DATA 5 16384 bytes",
      "DATA 7 16384 bytes",
      "DATA 3 100 bytes",
    ]);
    server.read(windowUpdate(0, 1_000_000));
    assert.deepEqual(server.written.slice(4), [
      "DATA 5 3616 bytes END",
      "DATA 7 3616 bytes END",
      "DATA 3 3516 bytes END",
    ]);
  });

  it("lets less wait for each stream while too much waits for all", () => {
    const [server, [large, small]] = serve(2, 0, {
      streamBufferLimitBytes: 1000,
      connectionBufferLimitBytes: 900,
      crowdedStreamBufferLimitBytes: 100,
    });
    large!.encodeData(Buffer.alloc(900), false);
    small!.encodeData(Buffer.alloc(100), false);
    assert.equal(server.seen(1).at(-1), server.seen(3).at(-1));
    small!.encodeData(Buffer.from("x"), false);
    assert.equal(server.seen(3).at(-1), "high");
    server.read(windowUpdate(3, 50));
    assert.equal(server.seen(3).at(-1), "high");
    server.read(windowUpdate(3, 1));
    assert.equal(server.seen(3).at(-1), "low");
    small!.encodeData(Buffer.alloc(100), false);
    assert.equal(server.seen(3).at(-1), "high");
    // Now the others' bytes are few enough, and the stream's own limit counts again.
    server.read(windowUpdate(1, 900) + windowUpdate(3, 1));
    assert.equal(server.seen(3).at(-1), "low");
  });

  it("forgets what waits at a stream that is reset", () => {
    const [server, [first, second]] = serve(2, 100_000);
    first!.encodeData(Buffer.alloc(65_535), false);
    first!.encodeData(Buffer.from("lost"), true);
    second!.encodeData(Buffer.from("kept"), true);
    first!.reset(Http2ErrorCode.Cancel);
    assert.equal(server.counters.values["pending_send_bytes"], 4);
    server.sink.take();
    server.read(windowUpdate(0, 100));
    assert.deepEqual(server.written, ['DATA 3 "kept" END']);
  });

  it("follows another initial window, below zero too (RFC 9113 6.9.2)", () => {
    const [server, [stream]] = serve(1, 10);
    stream!.encodeData(Buffer.alloc(10, "a"), false);
    stream!.encodeData(Buffer.from("bc"), true);
    server.read(settings([INITIAL_WINDOW, 4]));
    server.read(windowUpdate(1, 6));
    assert.equal(stream!.bufferedBytes, 2);
    server.read(settings([INITIAL_WINDOW, 6]));
    assert.deepEqual(
      server.written.filter((line) => line.startsWith("DATA")),
      ['DATA 1 "aaaaaaaaaa"', 'DATA 1 "bc" END'],
    );
  });

  it("cuts data at the largest frame of the peer", () => {
    const [server, [stream]] = serve(1, 1_000_000);
    stream!.encodeData(Buffer.alloc(40_000), true);
    assert.deepEqual(server.written, [
      "DATA 1 16384 bytes",
      "DATA 1 16384 bytes",
      "DATA 1 7232 bytes END",
    ]);
  });

  it("tells when a stream buffers more than it may, and when no longer", () => {
    const [server, [stream]] = serve(1, 0, { streamBufferLimitBytes: 10 });
    stream!.encodeData(Buffer.alloc(10), false);
    assert.deepEqual(server.seen(1).slice(1), []);
    stream!.encodeData(Buffer.alloc(1), false);
    stream!.encodeData(Buffer.alloc(1), false);
    assert.deepEqual(server.seen(1).slice(1), ["high"]);
    server.read(windowUpdate(1, 6));
    assert.deepEqual(server.seen(1).slice(1), ["high"]);
    server.read(windowUpdate(1, 1));
    assert.deepEqual(server.seen(1).slice(1), ["high", "low"]);
  });

  it("lets an owner send more when it is told of the low watermark", () => {
    const [server, [stream]] = serve(1, 0, { streamBufferLimitBytes: 2 });
    recorder(server, stream!).act = (event) => {
      if (event === "low") stream!.encodeData(Buffer.from("more"), true);
    };
    stream!.encodeData(Buffer.from("abc"), false);
    server.read(windowUpdate(1, 100));
    assert.deepEqual(server.written, ['DATA 1 "abc"', 'DATA 1 "more" END']);
  });

  it("refuses windows that grow too large, or by nothing", () => {
    const [server, [, stream]] = serve(2, 100);
    server.read(windowUpdate(1, MAX_WINDOW_BYTES) + windowUpdate(3, 0));
    assert.deepEqual(server.written, ["RST 1 3", "RST 3 1"]);
    assert.equal(stream!.closed, true);
    server.read(windowUpdate(0, MAX_WINDOW_BYTES));
    assert.equal(server.connection.error?.code, Http2ErrorCode.FlowControlError);
    const [other] = serve(1, 100);
    other.read(windowUpdate(0, 0));
    assert.equal(other.connection.error?.code, Http2ErrorCode.ProtocolError);
    const [third] = serve(1, 100);
    third.read(windowUpdate(1, MAX_WINDOW_BYTES - 100) + settings([INITIAL_WINDOW, 101]));
    assert.equal(third.connection.error?.code, Http2ErrorCode.FlowControlError);
  });
});

describe("opening our windows", () => {
  it("opens the connection's window as far as the options say", () => {
    const server = new TestServer({ initialConnectionWindowBytes: 100_000 });
    assert.deepEqual(server.written, ["WINDOW_UPDATE 0 34465"]);
    assert.deepEqual(new TestServer({ initialConnectionWindowBytes: 1 }).written, []);
  });

  it("says so when half of a window was read, and not for what has ended", () => {
    const server = upload(10);
    server.read(data(1, "1234", false));
    assert.deepEqual(server.written, []);
    server.read(data(1, "5", false));
    assert.deepEqual(server.written, ["WINDOW_UPDATE 1 5"]);
    server.read(data(1, "12345678", true));
    assert.deepEqual(server.written, ["WINDOW_UPDATE 1 5"]);
  });

  it("opens the connection's window for all streams together", () => {
    const server = upload(1_000_000);
    server.read(headers(3, POST, false) + data(1, "a".repeat(16_384), false));
    assert.deepEqual(server.written, []);
    server.read(data(3, "a".repeat(16_383), false));
    assert.deepEqual(server.written, ["WINDOW_UPDATE 0 32767"]);
  });

  it("counts padding", () => {
    const server = upload(10);
    server.read(frame(FrameType.Data, FrameFlag.Padded, 1, "\x03a\0\0\0"));
    assert.deepEqual(server.written, ["WINDOW_UPDATE 1 5"]);
  });

  it("keeps windows shut while reading is disabled, the connection's too", () => {
    const server = upload(40_000);
    const stream = server.stream(1);
    stream.readDisable(true);
    stream.readDisable(true);
    const text = "a".repeat(16_384);
    server.read(data(1, text, false) + data(1, text, false));
    stream.readDisable(false);
    assert.deepEqual(server.written, []);
    stream.readDisable(false);
    assert.deepEqual(server.written, ["WINDOW_UPDATE 1 32768", "WINDOW_UPDATE 0 32768"]);
  });

  it("gives the connection back what a stream held when it ends", () => {
    const server = upload(40_000);
    const stream = server.stream(1);
    stream.readDisable(true);
    const text = "a".repeat(16_384);
    server.read(data(1, text, false) + data(1, text, false));
    stream.reset(Http2ErrorCode.Cancel);
    assert.deepEqual(server.written, ["WINDOW_UPDATE 0 32768", "RST 1 8"]);
    stream.readDisable(false);
    server.read(data(1, text, false) + data(1, text, false));
    assert.deepEqual(server.written.slice(2), ["WINDOW_UPDATE 0 32768"]);
  });

  it("holds the peer to its windows", () => {
    const stream = upload(10);
    stream.read(data(1, "12345678901", false));
    assert.deepEqual(stream.written, ["RST 1 3"]);
    const connection = upload(1_000_000);
    connection.stream(1).readDisable(true);
    for (let i = 0; i < 4; i++) connection.read(data(1, "a".repeat(16_384), false));
    assert.equal(connection.connection.error?.code, Http2ErrorCode.FlowControlError);
  });

  it("lets the peer use the default window until it has seen our settings", () => {
    const server = upload(10, false);
    server.read(data(1, "12345678901", false) + ACK);
    assert.deepEqual(server.written, ["WINDOW_UPDATE 1 11"]);
    server.read(data(1, "12345678901", false));
    assert.deepEqual(server.written.slice(1), ["RST 1 3"]);
  });
});
