import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Http2ErrorCode } from "./error-codes.ts";
import { CLIENT_PREFACE, FrameFlag, FrameType } from "./frames.ts";
import {
  data,
  frame,
  GET,
  goAway,
  headers,
  OK,
  POST,
  PREFACE,
  readFrames,
  settings,
} from "./testing/frames.ts";
import { headerMap, TestClient, TestServer } from "./testing/recorder.ts";

const ACK = frame(FrameType.Settings, FrameFlag.Ack, 0, "");

/** The code that a server ends its connection with because of `text` behind the preface; undefined when it goes on. */
function codeOf(text: string): number | undefined {
  const server = new TestServer();
  server.read(PREFACE + text);
  return server.connection.error?.code;
}

describe("the beginning of a connection", () => {
  it("writes its settings, then opens the window", () => {
    assert.deepEqual(readFrames(new TestServer().sink.text), [
      "SETTINGS 1=4096 8=0 3=1024 4=16777216",
      "WINDOW_UPDATE 0 25100289",
    ]);
    const server = new TestServer({
      hpackTableSizeBytes: 0,
      maxConcurrentStreams: 7,
      initialStreamWindowBytes: 65_535,
      initialConnectionWindowBytes: 65_535,
      maxFrameSizeBytes: 20_000,
      allowConnect: true,
    });
    assert.deepEqual(readFrames(server.sink.text), ["SETTINGS 1=0 8=1 3=7 4=65535 5=20000"]);
    assert.deepEqual(readFrames(new TestClient({ allowConnect: true }).sink.text), [
      "preface",
      "SETTINGS 2=0 1=4096 8=1 3=1024 4=16777216",
      "WINDOW_UPDATE 0 25100289",
    ]);
  });

  it("begins its settings with those that have no name here", () => {
    const server = new TestServer({
      customSettings: [
        [0xfe01, 7],
        [5, 20_000],
      ],
      maxFrameSizeBytes: 20_000,
    });
    const said = "SETTINGS 65025=7 5=20000 1=4096 8=0 3=1024 4=16777216";
    assert.equal(readFrames(server.sink.text)[0], said);
  });

  it("refuses another preface, and other frames before SETTINGS", () => {
    for (const text of [
      "GET / HTTP/1.1\r\n\r\n",
      CLIENT_PREFACE + headers(1, GET),
      CLIENT_PREFACE + ACK,
    ]) {
      const server = new TestServer();
      server.read(text);
      assert.equal(server.connection.error?.code, Http2ErrorCode.ProtocolError);
      assert.deepEqual(server.written, ["WINDOW_UPDATE 0 25100289", "GOAWAY 0 1"].slice(1));
    }
    const client = new TestClient();
    client.read(headers(1, OK));
    assert.equal(client.connection.error?.code, Http2ErrorCode.ProtocolError);
  });

  it("acknowledges settings, and takes them", () => {
    const server = new TestServer();
    server.read(
      CLIENT_PREFACE +
        settings([1, 100], [2, 0], [3, 5], [4, 6], [5, 16_385], [6, 7], [8, 1], [99, 1]),
    );
    const { peerSettings } = server.codec;
    assert.deepEqual(Object.fromEntries(Object.entries(peerSettings)), {
      headerTableSizeBytes: 100,
      smallestHeaderTableSizeBytes: 100,
      maxConcurrentStreams: 5,
      initialWindowBytes: 6,
      maxFrameSizeBytes: 16_385,
    });
    assert.equal(readFrames(server.sink.text).at(-1), "SETTINGS ACK");
    assert.deepEqual(server.connection.events, ["settings"]);
    server.read(ACK + ACK);
    assert.equal(server.connection.error, null);
  });

  it("refuses settings that are none", () => {
    const { ProtocolError, FrameSizeError, FlowControlError } = Http2ErrorCode;
    assert.equal(codeOf(settings([2, 2])), ProtocolError);
    assert.equal(codeOf(settings([4, 0x80000000])), FlowControlError);
    assert.equal(codeOf(settings([5, 16_383])), ProtocolError);
    assert.equal(codeOf(settings([5, 1 << 24])), ProtocolError);
    assert.equal(codeOf(settings([8, 2])), ProtocolError);
    assert.equal(codeOf(settings([8, 1]) + settings([8, 0])), ProtocolError);
    assert.equal(codeOf(frame(FrameType.Settings, 0, 0, "12345")), FrameSizeError);
    assert.equal(codeOf(frame(FrameType.Settings, 0, 1, "")), ProtocolError);
    assert.equal(codeOf(frame(FrameType.Settings, FrameFlag.Ack, 0, "123456")), FrameSizeError);
  });

  it("follows the peer's header table", () => {
    const server = new TestServer();
    server.read(CLIENT_PREFACE + settings([1, 0]) + headers(1, GET) + headers(3, GET));
    for (const id of [1, 3]) server.stream(id).encodeHeaders(headerMap([...OK, ["x", "y"]]), true);
    // readFrames has the default table, and so would not take a size update above it.
    assert.deepEqual(server.written, [
      "HEADERS 1 :status=200,x=y END",
      "HEADERS 3 :status=200,x=y END",
    ]);
    assert.ok(server.sink.text.includes("\x20\x88\0\x01x\x01y"));
  });

  it("tells of a header table that was small for a moment", () => {
    const server = new TestServer();
    server.read(PREFACE + headers(1, GET) + headers(3, GET));
    const respond = (id: number): string => {
      server.sink.take();
      server.stream(id).encodeHeaders(headerMap([...OK, ["x", "y"]]), true);
      return server.sink.take().slice(9);
    };
    assert.match(respond(1), /^\x88\x40/);
    server.read(settings([1, 0], [1, 4096]));
    // Both sizes (RFC 7541 4.2), and the field once more: its entry was pushed out.
    assert.match(respond(3), /^\x20\x3f\xe1\x1f\x88\x40/);
  });

  it("takes a smaller table from when its setting was acknowledged", () => {
    const indexed = (id: number): string => {
      const head = headers(id, GET);
      return `${head.slice(0, 2)}${String.fromCharCode(head.charCodeAt(2) + 5)}${head.slice(3)}\x40\x01x\x01y`;
    };
    const server = new TestServer({ hpackTableSizeBytes: 0 });
    server.read(PREFACE + indexed(1));
    assert.match(server.seen(1)[0]!, /x=y/);
    server.read(ACK + headers(3, GET));
    assert.equal(server.connection.error?.code, Http2ErrorCode.CompressionError);
  });
});

describe("frames of the connection", () => {
  it("answers pings, and knows the answers to its own", () => {
    const server = new TestServer();
    server.read(PREFACE + frame(FrameType.Ping, 0, 0, "12345678"));
    assert.deepEqual(server.written, ['PING "12345678" ACK']);
    server.codec.ping();
    const ping = server.written.at(-1)!;
    const opaque = JSON.parse(ping.slice(5)) as string;
    server.read(frame(FrameType.Ping, FrameFlag.Ack, 0, "12345678"));
    assert.deepEqual(server.connection.events, ["settings"]);
    server.read(frame(FrameType.Ping, FrameFlag.Ack, 0, opaque));
    assert.deepEqual(server.connection.events, ["settings", "ping ack"]);
  });

  it("refuses frames of a wrong size or place", () => {
    const { ProtocolError, FrameSizeError, CompressionError } = Http2ErrorCode;
    const open = headers(1, POST, false);
    assert.equal(codeOf(frame(FrameType.Ping, 0, 0, "1234567")), FrameSizeError);
    assert.equal(codeOf(frame(FrameType.Ping, 0, 1, "12345678")), ProtocolError);
    assert.equal(codeOf(open + frame(FrameType.RstStream, 0, 1, "123")), FrameSizeError);
    assert.equal(codeOf(frame(FrameType.RstStream, 0, 0, "1234")), ProtocolError);
    assert.equal(codeOf(frame(FrameType.WindowUpdate, 0, 0, "123")), FrameSizeError);
    assert.equal(codeOf(frame(FrameType.GoAway, 0, 0, "1234567")), FrameSizeError);
    assert.equal(codeOf(frame(FrameType.GoAway, 0, 1, "12345678")), ProtocolError);
    assert.equal(codeOf(frame(FrameType.Priority, 0, 0, "12345")), ProtocolError);
    assert.equal(codeOf(frame(FrameType.Priority, 0, 1, "1234")), FrameSizeError);
    assert.equal(codeOf(frame(FrameType.Priority, 0, 1, "\0\0\0\x01x")), ProtocolError);
    assert.equal(
      codeOf(frame(FrameType.Headers, FrameFlag.EndHeaders, 1, "\xff")),
      CompressionError,
    );
    const padded = FrameFlag.Padded | FrameFlag.EndHeaders;
    assert.equal(codeOf(frame(FrameType.Headers, padded, 1, "\x05abcd")), ProtocolError);
    assert.equal(codeOf(frame(FrameType.Headers, padded, 1, "")), ProtocolError);
    const priority = FrameFlag.Priority | FrameFlag.EndHeaders;
    assert.equal(codeOf(frame(FrameType.Headers, priority, 1, "1234")), ProtocolError);
    assert.equal(
      codeOf(open + frame(FrameType.Data, FrameFlag.Padded, 1, "\x05abcd")),
      ProtocolError,
    );
    assert.equal(codeOf(open + frame(FrameType.Data, FrameFlag.Padded, 1, "")), ProtocolError);
  });

  it("ignores what it does not know, and priorities", () => {
    const server = new TestServer();
    server.read(
      PREFACE +
        frame(0x42, 0xff, 7, "whatever") +
        frame(FrameType.Priority, 0, 5, "\0\0\0\x03x") +
        headers(1, GET) +
        frame(FrameType.Priority, 0, 1, "\0\0\0\0x"),
    );
    assert.equal(server.connection.error, null);
    assert.equal(server.seen(1).length, 1);
  });

  it("reads nothing behind an error", () => {
    const server = new TestServer();
    server.read(`${PREFACE}${headers(2, GET)}${headers(1, GET)}`);
    assert.equal(server.connection.streams.size, 0);
    assert.equal(server.codec.ended, true);
    server.codec.goAway();
    server.codec.ping();
    server.codec.shutdownNotice();
    server.codec.terminate();
    assert.deepEqual(server.written, ["GOAWAY 0 1"]);
  });
});

describe("the end of a connection", () => {
  it("is announced first, so that no request is lost", () => {
    const server = new TestServer();
    server.read(PREFACE + headers(1, GET));
    server.codec.shutdownNotice();
    server.read(headers(3, GET));
    assert.equal(server.seen(3).length, 1);
    server.codec.goAway();
    server.read(headers(5, GET));
    for (const id of [1, 3]) server.stream(id).encodeHeaders(headerMap(OK), true);
    assert.deepEqual(server.written, [
      "GOAWAY 2147483647 0",
      "GOAWAY 3 0",
      "RST 5 7",
      "HEADERS 1 :status=200 END",
      "HEADERS 3 :status=200 END",
    ]);
    assert.equal(server.counters.values["goaway_sent"], 2);
  });

  it("never names more streams than before", () => {
    const server = new TestServer();
    server.read(PREFACE + headers(1, GET));
    server.codec.goAway();
    server.read(headers(3, GET) + headers(2, GET));
    assert.deepEqual(server.written, ["GOAWAY 1 0", "RST 3 7", "GOAWAY 1 1"]);
  });

  it("may be announced by a client", () => {
    const server = new TestServer();
    server.read(
      PREFACE + headers(1, POST, false) + goAway(0, Http2ErrorCode.NoError) + data(1, "x"),
    );
    assert.deepEqual(server.connection.events, ["settings", "goaway"]);
    assert.deepEqual(server.seen(1).slice(1), ['data "x" END']);
  });
});
