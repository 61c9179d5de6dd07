import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Http2ErrorCode } from "./error-codes.ts";
import { FrameFlag, FrameType, uint32Text } from "./frames.ts";
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
  rstStream,
  settings,
  SETTINGS,
} from "./testing/frames.ts";
import { headerMap, type RecordingStream, TestClient } from "./testing/recorder.ts";

const MAX_CONCURRENT = 3;
const CONTENT_LENGTH = "reset protocol_error http2.remote_reset";
const MESSAGING = "reset protocol_error http2.violation.of.messaging.rule";
const HEAD: Fields = [[":method", "HEAD"], ...GET.slice(1)];
const CONNECT: Fields = [
  [":method", "CONNECT"],
  [":authority", "b.test:1"],
];

const status = (code: number, ...rest: Fields): Fields => [[":status", String(code)], ...rest];

/** A client that has sent one request, and what came back for it. */
function answered(text: string, fields: Fields = GET): [TestClient, RecordingStream] {
  const client = new TestClient({ overrideStreamErrorOnInvalidHttpMessage: true });
  client.read(SETTINGS);
  const [, seen] = client.request(fields);
  client.read(text);
  return [client, seen];
}

describe("a client's streams", () => {
  it("begins with the preface and its settings", () => {
    const client = new TestClient();
    assert.ok(client.sink.text.startsWith("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x1e\x04"));
  });

  it("writes requests and reads responses", () => {
    const [client, seen] = answered(
      headers(1, status(103, ["link", "x"]), false) +
        headers(1, status(200, ["a", "b"]), false) +
        data(1, "hello", false) +
        headers(1, [["t", "1"]]),
    );
    assert.deepEqual(client.written, [
      "HEADERS 1 :method=GET,:scheme=http,:authority=a.test,:path=/x END",
    ]);
    assert.deepEqual(seen.all, [
      "1xx :status=103,link=x",
      "headers :status=200,a=b",
      'data "hello"',
      "trailers t=1",
      "closed",
    ]);
    assert.equal(client.codec.activeStreams, 0);
  });

  it("gives ids in the order in which requests are sent", () => {
    const client = new TestClient();
    const [first] = client.newStream();
    const [second] = client.newStream();
    assert.deepEqual([first.id, second.id, client.codec.activeStreams], [0, 0, 2]);
    second.encodeHeaders(headerMap(GET), true);
    first.encodeHeaders(headerMap(GET), true);
    assert.deepEqual([second.id, first.id, client.codec.activeStreams], [1, 3, 2]);
  });

  it("forgets a stream that is reset before its request", () => {
    const client = new TestClient();
    const [first, seen] = client.newStream();
    const [second] = client.newStream();
    first.reset(Http2ErrorCode.Cancel);
    assert.deepEqual(seen.all, ["closed"]);
    first.encodeHeaders(headerMap(GET), true);
    second.encodeHeaders(headerMap(GET), true);
    assert.equal(second.id, 1);
    assert.equal(client.written.length, 1);
  });

  it("writes CONNECT, plain and extended", () => {
    const client = new TestClient();
    client.request(CONNECT, false);
    client.request([...GET.slice(1), [":method", "CONNECT"], [":protocol", "websocket"]], false);
    assert.deepEqual(client.written, [
      "HEADERS 1 :method=CONNECT,:authority=b.test:1",
      "HEADERS 3 :method=CONNECT,:scheme=http,:authority=a.test,:path=/x,:protocol=websocket",
    ]);
  });

  it("reads responses that have a length and no content", () => {
    for (const [fields, code] of [
      [HEAD, 200],
      [GET, 304],
      [GET, 204],
    ] as const) {
      const response = status(code, ["content-length", "5"]);
      assert.equal(
        answered(headers(1, response), fields)[1].all[0],
        `headers :status=${code},content-length=5 END`,
      );
      assert.deepEqual(
        answered(headers(1, response, false) + data(1, ""), fields)[1].all.slice(1),
        ['data "" END', "closed"],
      );
      assert.deepEqual(
        answered(headers(1, response, false) + data(1, "hello"), fields)[1].all.slice(1),
        [CONTENT_LENGTH, "closed"],
      );
    }
  });

  it("takes any data behind a successful CONNECT", () => {
    const [, seen] = answered(
      headers(1, status(200, ["content-length", "0"]), false) + data(1, "raw"),
      CONNECT,
    );
    assert.deepEqual(seen.all.slice(1), ['data "raw" END', "closed"]);
  });

  it("resets for responses that are none", () => {
    const cases: readonly string[] = [
      headers(1, [["a", "b"]]),
      headers(1, GET),
      headers(1, status(103)),
      headers(1, status(101), false),
      headers(1, [[":status", "20"]]),
      headers(1, [[":status", "099"]]),
      headers(1, [[":status", "2000"]]),
      headers(1, [...OK, ...OK]),
      headers(1, status(200, ["connection", "close"])),
      headers(1, status(200, ["content-length", "5"])),
      headers(1, status(200, ["content-length", "5"]), false) + data(1, "hell"),
      headers(1, OK, false) + headers(1, OK),
      headers(1, OK, false) + headers(1, [["t", "1"]], false),
    ];
    for (const text of cases) {
      const [client, seen] = answered(text);
      assert.match(seen.all.at(-2)!, /^reset protocol_error http2\./);
      assert.deepEqual(client.written.slice(1), ["RST 1 1"]);
      assert.equal(client.connection.error, null);
    }
  });

  it("bounds interim responses", () => {
    const client = new TestClient({
      maxInterimResponses: 2,
      overrideStreamErrorOnInvalidHttpMessage: true,
    });
    client.read(SETTINGS);
    const [, seen] = client.request(GET);
    const interim = headers(1, status(103), false);
    client.read(interim + interim);
    assert.equal(seen.all.length, 2);
    client.read(interim);
    assert.deepEqual(seen.all.slice(2), [MESSAGING, "closed"]);
  });

  it("tells of resets", () => {
    const reset = (code: number): string => answered(rstStream(1, code))[1].all[0]!;
    assert.equal(
      reset(Http2ErrorCode.RefusedStream),
      "reset remote_refused_stream_reset http2.remote_refuse",
    );
    assert.equal(reset(Http2ErrorCode.InternalError), "reset remote_reset http2.remote_reset");
  });

  it("ends the connection for what servers may not send", () => {
    for (const text of [
      headers(2, OK),
      headers(3, OK),
      data(1, "x"),
      data(3, "x"),
      frame(FrameType.PushPromise, FrameFlag.EndHeaders, 1, uint32Text(2) + block(GET)),
      settings([2, 1]),
    ]) {
      const [client, seen] = answered(text);
      assert.equal(client.connection.error?.code, Http2ErrorCode.ProtocolError);
      assert.match(seen.all[0]!, /^reset protocol_error/);
    }
  });

  it("drops what comes for a stream that it reset", () => {
    const client = new TestClient();
    client.read(SETTINGS);
    const [stream] = client.request(POST, false);
    stream.reset(Http2ErrorCode.Cancel);
    client.read(headers(1, OK, false) + data(1, "x") + rstStream(1, 0));
    assert.equal(client.connection.error, null);
  });
});

describe("whether a client may open a stream", () => {
  it("depends on the peer's limit and on ours", () => {
    const client = new TestClient({ maxConcurrentStreams: 2 });
    client.request(GET);
    assert.equal(client.codec.canOpenStream, true);
    client.request(GET);
    assert.equal(client.codec.canOpenStream, false);
    const [refused, seen] = client.newStream();
    refused.encodeHeaders(headerMap(GET), true);
    assert.deepEqual([refused.closed, seen.all, client.written.length], [true, [], 2]);
    const limited = new TestClient();
    limited.read(settings([MAX_CONCURRENT, 0]));
    assert.equal(limited.codec.canOpenStream, false);
    limited.read(settings([MAX_CONCURRENT, 1]));
    assert.equal(limited.codec.canOpenStream, true);
  });

  it("ends with GOAWAY, which tells what was not looked at", () => {
    const client = new TestClient();
    client.read(SETTINGS);
    const [, first] = client.request(GET);
    const [, second] = client.request(GET);
    const [unsent, third] = client.newStream();
    client.read(goAway(1, Http2ErrorCode.NoError));
    assert.deepEqual(client.connection.events, ["settings", "goaway"]);
    assert.deepEqual(first.all, []);
    assert.deepEqual(second.all, [
      "reset remote_refused_stream_reset http2.remote_refuse",
      "closed",
    ]);
    // Not sent yet, and it never will be: the peer is told of no new streams.
    assert.deepEqual(third.all, second.all);
    unsent.encodeHeaders(headerMap(GET), true);
    assert.equal(client.written.length, 2);
    assert.deepEqual([client.codec.canOpenStream, client.codec.isExhausted], [false, true]);
    client.read(headers(1, OK));
    assert.deepEqual(first.all, ["headers :status=200 END", "closed"]);
  });

  it("ends with the connection, unsent requests too", () => {
    const client = new TestClient();
    const [, sent] = client.request(GET);
    const [, unsent] = client.newStream();
    client.codec.terminate("gone");
    for (const seen of [sent, unsent])
      assert.deepEqual(seen.all, ["reset connection_termination gone", "closed"]);
    assert.deepEqual([client.codec.canOpenStream, client.codec.activeStreams], [false, 0]);
  });
});
