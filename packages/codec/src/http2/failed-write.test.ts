import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Http2ErrorCode } from "./error-codes.ts";
import type { Http2Stream } from "./stream.ts";
import {
  data,
  frame,
  FrameType,
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
import { headerMap, type RecordingStream, TestClient, TestServer } from "./testing/recorder.ts";

const INITIAL_WINDOW = 4;
const OVERRIDE = { overrideStreamErrorOnInvalidHttpMessage: true, streamBufferLimitBytes: 2 };

/** A conversation in which all sorts of frames are written, some of them by what comes in. */
function serve(server: TestServer): void {
  const { codec } = server;
  /** A stream that an error of the connection came before is not there. */
  const on = (id: number, act: (stream: Http2Stream) => void): void => {
    for (const stream of server.connection.streams.keys()) if (stream.id === id) act(stream);
  };
  const hello = Buffer.from("hello");
  server.read(PREFACE + settings([INITIAL_WINDOW, 3]));
  for (const id of [1, 3, 5, 7, 9, 11]) {
    server.read(headers(id, POST, id % 4 === 1));
    on(id, (stream) => stream.encodeHeaders(headerMap(OK), id === 11));
  }
  on(1, (stream) => stream.encodeData(hello, true));
  on(3, (stream) => stream.encodeData(hello, false));
  on(3, (stream) => stream.encodeTrailers(headerMap([["t", "1"]])));
  on(5, (stream) => stream.encodeData(hello, false));
  on(7, (stream) => stream.encodeData(Buffer.from("yes"), true));
  codec.ping();
  server.read(windowUpdate(1, 1) + windowUpdate(3, 9) + windowUpdate(1, 9) + windowUpdate(5, 1));
  server.read(data(3, "x") + data(7, "x".repeat(16_000), false));
  on(5, (stream) => stream.reset(Http2ErrorCode.Cancel));
  server.read(windowUpdate(9, 0) + frame(FrameType.Ping, 0, 0, "12345678"));
  codec.shutdownNotice();
  codec.goAway();
  server.read(headers(13, GET) + rstStream(7, 8) + headers(11, GET, false));
  server.read(data(0, "an error of the connection"));
}

function request(client: TestClient): void {
  client.read(SETTINGS + settings([INITIAL_WINDOW, 3]));
  const hello = Buffer.from("hello");
  client.request(GET);
  client.request(POST, false)[0].encodeData(hello, true);
  client.request(POST, false)[0].encodeData(hello, false);
  client.request(POST, false)[0].reset(Http2ErrorCode.Cancel);
  client.read(headers(1, OK) + headers(3, OK) + windowUpdate(3, 1) + windowUpdate(3, 9));
  client.read(headers(5, [["no", "status"]]));
  client.request(GET);
  client.read(goAway(5, 0) + frame(FrameType.Settings, 0, 0, "no setting"));
}

/** What may be told of a stream: one end, and nothing behind it. */
function watch(stream: RecordingStream): string[] {
  const told: string[] = [];
  stream.act = (event) => told.push(event.split(" ", event === "end sent" ? 2 : 1).join(" "));
  return told;
}

function assertOneEnd(told: readonly string[], when: string): void {
  assert.equal(told.indexOf("closed"), told.length - 1, `${when}: ${told.join(", ")}`);
  const reset = told.indexOf("reset");
  assert.ok(reset < 0 || reset === told.length - 2, `${when}: ${told.join(", ")}`);
}

/** Runs `talk`, whose write of number `failing` ends the connection, as a socket does that the peer has reset. */
function talkUntil(side: TestServer | TestClient, failing: number, talk: () => void): boolean {
  const streams: string[][] = [];
  side.connection.onStream = (_stream, seen) => streams.push(watch(seen));
  let writes = 0;
  side.sink.act = () => {
    if (++writes === failing) side.codec.terminate("gone");
  };
  talk();
  side.codec.terminate();
  for (const told of streams) assertOneEnd(told, `write ${failing}`);
  const { values } = side.counters;
  assert.equal(values["streams_active"] ?? 0, 0, `write ${failing}`);
  assert.equal(values["pending_send_bytes"] ?? 0, 0, `write ${failing}`);
  assert.equal(side.codec.activeStreams, 0);
  return writes >= failing;
}

describe("a write that ends the connection at once", () => {
  it("ends each stream of a server once, wherever it comes", () => {
    let failing = 0;
    for (let more = true; more;) {
      const server = new TestServer(OVERRIDE);
      more = talkUntil(server, ++failing, () => serve(server));
    }
    assert.ok(failing > 20, `${failing} writes`);
  });

  it("ends each stream of a client once, wherever it comes", () => {
    let failing = 0;
    for (let more = true; more;) {
      const client = new TestClient(OVERRIDE);
      more = talkUntil(client, ++failing, () => request(client));
    }
    assert.ok(failing > 10, `${failing} writes`);
  });
});
