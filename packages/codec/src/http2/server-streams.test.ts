import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Http2ErrorCode } from "./error-codes.ts";
import { FrameFlag, FrameType, uint32Text } from "./frames.ts";
import {
  block,
  data,
  frame,
  GET,
  headers,
  OK,
  POST,
  PREFACE,
  rstStream,
} from "./testing/frames.ts";
import { headerMap, TestServer } from "./testing/recorder.ts";

const REQUEST = ":method=GET,:scheme=http,:authority=a.test,:path=/x";
const PROTOCOL = Http2ErrorCode.ProtocolError;

function open(text: string, options = {}): TestServer {
  const server = new TestServer({
    overrideStreamErrorOnInvalidHttpMessage: true,
    ...options,
  });
  server.read(PREFACE + text);
  return server;
}

function errorOf(server: TestServer): number | undefined {
  return server.connection.error?.code;
}

describe("a server's streams", () => {
  it("reads a request and writes its response", () => {
    const server = open(headers(1, GET));
    assert.deepEqual(server.seen(1), [`headers ${REQUEST} END`]);
    const stream = server.stream(1);
    stream.encode1xxHeaders(headerMap([[":status", "103"]]));
    stream.encodeHeaders(headerMap([...OK, ["x", "y"]]), false);
    stream.encodeData(Buffer.from("hello"), true);
    assert.deepEqual(server.written, [
      "HEADERS 1 :status=103",
      "HEADERS 1 :status=200,x=y",
      'DATA 1 "hello" END',
    ]);
    assert.deepEqual(server.seen(1).at(-1), "closed");
    assert.equal(server.codec.activeStreams, 0);
    assert.equal(server.counters.values["streams_active"], 0);
  });

  it("reads content and trailers, and writes trailers", () => {
    const server = open(
      headers(1, POST, false) +
        data(1, "ab", false) +
        data(1, "c", false) +
        headers(1, [["t", "1"]]),
    );
    assert.deepEqual(server.seen(1).slice(1), ['data "abc"', "trailers t=1"]);
    const stream = server.stream(1);
    stream.encodeHeaders(headerMap(OK), false);
    stream.encodeTrailers(headerMap([["u", "2"]]));
    assert.deepEqual(server.written, ["HEADERS 1 :status=200", "HEADERS 1 u=2 END"]);
    assert.equal(server.counters.values["trailers"], 1);
  });

  it("ends a response whose trailers are empty with DATA", () => {
    const server = open(headers(1, GET));
    server.stream(1).encodeHeaders(headerMap(OK), false);
    server.stream(1).encodeTrailers(headerMap([]));
    assert.equal(server.written.at(-1), 'DATA 1 "" END');
  });

  it("counts octets as Envoy does", () => {
    const request = block(POST);
    const server = open(
      frame(FrameType.Headers, 0, 1, request.slice(0, 20)) +
        frame(FrameType.Continuation, FrameFlag.EndHeaders, 1, request.slice(20)) +
        data(1, "hello", false) +
        headers(1, [["t", "1"]]),
    );
    const stream = server.stream(1);
    stream.encodeHeaders(headerMap(OK), false);
    stream.encodeData(Buffer.from("hello"), true);
    const trailers = 9 + block([["t", "1"]]).length;
    assert.equal(stream.headerBytesReceived, 9 + request.length + trailers);
    assert.equal(stream.trailerBytesReceived, trailers);
    assert.equal(stream.wireBytesReceived, 9 + request.length + 14 + trailers);
    assert.equal(stream.headerBytesSent, 9 + 1);
    assert.equal(stream.wireBytesSent, 9 + 1 + 14);
  });

  it("removes padding and priority", () => {
    const server = open(
      frame(
        FrameType.Headers,
        FrameFlag.EndHeaders | FrameFlag.Padded | FrameFlag.Priority,
        1,
        `\x03\0\0\0\x05\x10${block(POST)}\0\0\0`,
      ) + frame(FrameType.Data, FrameFlag.Padded | FrameFlag.EndStream, 1, "\x02hi\0\0"),
    );
    assert.deepEqual(server.seen(1).slice(1), ['data "hi" END']);
  });

  it("takes a head of several frames, and nothing between them", () => {
    const text = block(GET);
    const first = frame(FrameType.Headers, FrameFlag.EndStream, 1, text.slice(0, 9));
    const second = frame(FrameType.Continuation, 0, 1, text.slice(9, 20));
    const last = frame(FrameType.Continuation, FrameFlag.EndHeaders, 1, text.slice(20));
    const whole = open(first + second + last);
    assert.deepEqual(whole.seen(1), [`headers ${REQUEST} END`]);
    for (const between of [
      frame(FrameType.Ping, 0, 0, "12345678"),
      data(1, "x"),
      headers(3, GET),
      frame(99, 0, 0, ""),
      frame(FrameType.Continuation, FrameFlag.EndHeaders, 3, text.slice(20)),
    ]) {
      assert.equal(errorOf(open(first + between + last)), PROTOCOL);
    }
    assert.equal(errorOf(open(last)), PROTOCOL);
  });

  it("writes a head in several frames when the peer takes no larger ones", () => {
    const server = open(headers(1, GET));
    const long = "v".repeat(40_000);
    server.stream(1).encodeHeaders(headerMap([...OK, ["authorization", long]]), true);
    const [first, second, third] = server.written;
    assert.deepEqual([first, second], ["HEADERS 1 … END", "CONTINUATION 1 …"]);
    assert.equal(third, `CONTINUATION 1 :status=200,authorization=${long}`);
  });

  it("takes the host for the authority, and puts cookies together", () => {
    const server = open(
      headers(1, [
        ...GET.slice(0, 3),
        ["cookie", "a=1"],
        ["host", "b.test"],
        ["x", "y"],
        ["cookie", "b=2"],
      ]) + headers(3, [...GET, ["host", "b.test"]]),
    );
    assert.deepEqual(server.seen(1), [
      "headers :method=GET,:scheme=http,:authority=b.test,:path=/x,x=y,cookie=a=1; b=2 END",
    ]);
    assert.deepEqual(server.seen(3), [`headers ${REQUEST} END`]);
  });

  it("tells of a reset by the peer", () => {
    for (const [code, event] of [
      [Http2ErrorCode.Cancel, "reset remote_reset http2.remote_reset"],
      [Http2ErrorCode.ConnectError, "reset connect_error http2.remote_reset"],
      [Http2ErrorCode.NoError, "reset remote_reset http2.remote_reset"],
    ] as const) {
      const server = open(headers(1, POST, false) + rstStream(1, code));
      assert.deepEqual(server.seen(1).slice(1), [event, "closed"]);
      assert.equal(server.counters.values["rx_reset"], 1);
    }
    const whole = open(headers(1, GET) + rstStream(1, Http2ErrorCode.NoError));
    assert.deepEqual(whole.seen(1).slice(1), ["reset remote_reset_no_error ", "closed"]);
  });

  it("tells nothing of a stream that it reset, and drops what still comes", () => {
    const server = open(headers(1, POST, false));
    server.stream(1).reset(Http2ErrorCode.Cancel);
    server.stream(1).reset(Http2ErrorCode.Cancel);
    server.read(data(1, "late", false) + headers(1, [["t", "1"]]) + rstStream(1, 8));
    assert.deepEqual(server.written, ["RST 1 8"]);
    assert.deepEqual(server.seen(1).slice(1), ["closed"]);
    assert.equal(server.connection.error, null);
    assert.equal(server.counters.values["tx_reset"], 1);
    server.stream(1).encodeData(Buffer.from("x"), true);
    assert.deepEqual(server.written, ["RST 1 8"]);
  });

  it("tells nothing more when the rest of a frame comes behind the reset", () => {
    const server = open(headers(1, [...POST, ["content-length", "9"]], false));
    const padded = frame(FrameType.Data, FrameFlag.Padded | FrameFlag.EndStream, 1, "\x01ab\0");
    // Its head alone: how much of it is data is not known yet.
    server.read(padded.slice(0, 9));
    server.stream(1).reset(Http2ErrorCode.Cancel);
    server.read(padded.slice(9) + headers(3, GET));
    assert.deepEqual(server.seen(1).slice(1), ["closed"]);
    assert.deepEqual(server.written, ["RST 1 8"]);
    assert.equal(server.counters.values["streams_active"], 1);
  });

  it("ends the connection for frames on a stream that the peer ended", () => {
    const ended = headers(1, GET);
    const reset = headers(1, POST, false) + rstStream(1, 8);
    for (const late of [data(1, "x"), headers(1, GET)]) {
      const server = open(ended);
      server.stream(1).encodeHeaders(headerMap(OK), true);
      server.read(late);
      assert.equal(errorOf(server), Http2ErrorCode.StreamClosed);
      assert.equal(server.written.at(-1), "GOAWAY 1 5");
      assert.equal(errorOf(open(reset + late)), Http2ErrorCode.StreamClosed);
    }
  });

  it("resets a stream for frames behind the end of the request", () => {
    for (const late of [data(1, "x"), headers(1, [["t", "1"]])]) {
      const server = open(headers(1, GET) + late);
      assert.deepEqual(server.written, ["RST 1 5"]);
      assert.equal(server.seen(1)[1], "reset protocol_error http2.violation.of.messaging.rule");
      assert.equal(server.connection.error, null);
    }
  });

  it("ends the connection for frames on streams that are not open yet", () => {
    for (const text of [
      data(1, "x"),
      rstStream(1, 8),
      frame(FrameType.WindowUpdate, 0, 1, uint32Text(1)),
      headers(2, GET),
      headers(0, GET),
      data(0, "x"),
      headers(5, GET) + headers(3, GET),
      frame(FrameType.PushPromise, FrameFlag.EndHeaders, 1, uint32Text(2) + block(GET)),
    ]) {
      assert.equal(errorOf(open(text)), PROTOCOL);
    }
  });

  it("resets for trailers that do not end the request", () => {
    const server = open(headers(1, POST, false) + headers(1, [["t", "1"]], false));
    assert.deepEqual(server.written, ["RST 1 1"]);
  });

  it("ends half a stream, and the other half later", () => {
    const server = open(headers(1, POST, false));
    const stream = server.stream(1);
    stream.encodeHeaders(headerMap(OK), true);
    assert.deepEqual([stream.localEnded, stream.remoteEnded, stream.closed], [true, false, false]);
    server.read(data(1, "x"));
    assert.deepEqual(server.seen(1).slice(1), ['data "x" END', "closed"]);
  });

  it("lets an owner answer inside of a callback", () => {
    const server = new TestServer();
    server.connection.onStream = (stream, seen) => {
      seen.act = (event) => {
        if (event.startsWith("headers")) stream.encodeHeaders(headerMap(OK), true);
      };
    };
    server.read(PREFACE + headers(1, GET) + headers(3, GET));
    assert.deepEqual(server.written, ["HEADERS 1 :status=200 END", "HEADERS 3 :status=200 END"]);
    assert.equal(server.codec.activeStreams, 0);
  });

  it("lets an owner reset inside of a callback", () => {
    const server = new TestServer();
    server.connection.onStream = (stream, seen) => {
      seen.act = (event) => {
        if (event === "data") stream.reset(Http2ErrorCode.NoError);
      };
    };
    server.read(PREFACE + headers(1, POST, false) + data(1, "abc", false) + data(1, "def"));
    assert.deepEqual(server.seen(1).slice(1), ['data "abc"', "closed"]);
    assert.deepEqual(server.written, ["RST 1 0"]);
  });

  it("lets an owner reset another stream when one is reset", () => {
    const server = open(headers(1, POST, false) + headers(3, POST, false));
    const [first, second] = [...server.connection.streams.values()];
    first!.act = () => server.stream(3).reset(Http2ErrorCode.Cancel);
    second!.act = () => server.stream(1).reset(Http2ErrorCode.Cancel);
    server.codec.terminate();
    assert.deepEqual(server.seen(1).slice(1), ["closed"]);
    assert.deepEqual(server.seen(3).slice(1), ["reset connection_termination ", "closed"]);
    assert.equal(server.counters.values["streams_active"], 0);
  });

  it("resets all streams when the transport is gone", () => {
    const server = open(headers(1, POST, false) + headers(3, POST, false));
    server.codec.terminate("why");
    for (const id of [1, 3])
      assert.deepEqual(server.seen(id).slice(1), ["reset connection_termination why", "closed"]);
    assert.equal(server.codec.activeStreams, 0);
    assert.deepEqual(server.written, []);
    assert.equal(server.connection.error, null);
    server.read(headers(5, GET));
    assert.equal(server.connection.streams.size, 2);
  });
});
