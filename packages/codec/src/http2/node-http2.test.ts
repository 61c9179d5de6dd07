import assert from "node:assert/strict";
import { once } from "node:events";
import {
  createServer as createH2,
  connect as connectH2,
  type IncomingHttpHeaders,
} from "node:http2";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, it } from "node:test";
import { HeaderMap } from "../header-map.ts";
import type { Http2ConnectionCallbacks, Http2Sink, Http2StreamCallbacks } from "./callbacks.ts";
import { Http2ClientCodec } from "./client-codec.ts";
import { DEFAULT_HTTP2_OPTIONS } from "./options.ts";
import { Http2ServerCodec } from "./server-codec.ts";
import type { Http2Stream } from "./stream.ts";
import { headerMap, plainHeaders } from "./testing/recorder.ts";

const MEBIBYTE = 1024 * 1024;
const COUNTERS = { add() {} };

class SocketSink implements Http2Sink {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  writeLatin1(text: string): void {
    this.#socket.write(text, "latin1");
  }

  writeBytes(data: Buffer): void {
    this.#socket.write(Buffer.from(data));
  }

  writePieces(heads: readonly string[], data: Buffer, pieceBytes: number): void {
    heads.forEach((head, i) => {
      this.writeLatin1(head);
      this.writeBytes(data.subarray(i * pieceBytes, (i + 1) * pieceBytes));
    });
  }
}

/** Answers with the request's content, and its length as a trailer. */
class Echo implements Http2StreamCallbacks {
  readonly #stream: Http2Stream;
  #length = 0;

  constructor(stream: Http2Stream) {
    this.#stream = stream;
  }

  on1xxHeaders(): void {}

  onHeaders(headers: HeaderMap, endStream: boolean): void {
    const fields = [
      [":status", "200"],
      ["x-path", headers.path],
    ] as const;
    this.#stream.encodeHeaders(headerMap(fields), endStream);
  }

  onData(data: Buffer, endStream: boolean): void {
    this.#length += data.length;
    this.#stream.encodeData(data, false);
    if (endStream) this.#end();
  }

  onTrailers(trailers: HeaderMap): void {
    this.#stream.encodeTrailers(trailers);
  }

  onEndSent(): void {}
  onReset(): void {}
  onAboveWriteBufferHighWatermark(): void {}
  onBelowWriteBufferLowWatermark(): void {}

  #end(): void {
    this.#stream.encodeTrailers(headerMap([["x-length", String(this.#length)]]));
  }
}

/** Connection callbacks of a test: an error of the connection fails it. */
const connectionOf = (
  onNewStream: Http2ConnectionCallbacks["onNewStream"],
): Http2ConnectionCallbacks => ({
  onNewStream,
  onStreamClosed() {},
  onGoAway() {},
  onSettings() {},
  onPingAck() {},
  onConnectionError(error) {
    throw new Error(error.details);
  },
});

interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly length: number;
  readonly trailers: IncomingHttpHeaders;
}

describe("our server with Node's client", () => {
  it("answers", { timeout: 20_000 }, async (t) => {
    const server = createServer((socket) => {
      const codec = new Http2ServerCodec(
        new SocketSink(socket),
        connectionOf((stream) => new Echo(stream)),
        DEFAULT_HTTP2_OPTIONS,
        COUNTERS,
      );
      socket.on("data", (bytes: Buffer) => codec.execute(bytes, 0, bytes.length));
      socket.on("close", () => codec.terminate());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const session = connectH2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    t.after(() => {
      session.destroy();
      server.close();
    });
    const ask = async (path: string, length: number, trailers = false): Promise<Answer> => {
      const request = session.request(
        { ":method": length > 0 ? "POST" : "GET", ":path": path },
        { endStream: length === 0, waitForTrailers: trailers },
      );
      request.on("wantTrailers", () => request.sendTrailers({ "x-t": "1" }));
      let seen: IncomingHttpHeaders = {};
      let last: IncomingHttpHeaders = {};
      let received = 0;
      request.on("response", (headers) => (seen = headers));
      request.on("trailers", (headers) => (last = headers));
      request.on("data", (bytes: Buffer) => (received += bytes.length));
      if (length > 0) request.end(Buffer.alloc(length));
      await once(request, "close");
      return { headers: seen, length: received, trailers: last };
    };
    const plain = await ask("/get", 0);
    assert.deepEqual([plain.headers[":status"], plain.headers["x-path"]], [200, "/get"]);
    const large = await ask("/large", MEBIBYTE);
    assert.deepEqual([large.length, large.trailers["x-length"]], [MEBIBYTE, String(MEBIBYTE)]);
    const withTrailers = await ask("/trailers", 10, true);
    assert.equal(withTrailers.trailers["x-t"], "1");
    const many = await Promise.all(
      Array.from({ length: 100 }, (_, i) => ask(`/${i}`, i % 2 === 0 ? 0 : 20_000)),
    );
    for (const [i, answer] of many.entries()) {
      assert.equal(answer.headers["x-path"], `/${i}`);
      assert.equal(answer.length, i % 2 === 0 ? 0 : 20_000);
    }
    session.close();
    await once(session, "close");
  });
});

/** What came back for one request of ours. */
class Receiver implements Http2StreamCallbacks {
  head = "";
  interim = "";
  trailers = "";
  length = 0;
  onDone: () => void = () => {};

  on1xxHeaders(headers: HeaderMap): void {
    this.interim += plainHeaders(headers);
  }

  onHeaders(headers: HeaderMap, endStream: boolean): void {
    headers.remove("date");
    this.head = plainHeaders(headers);
    if (endStream) this.onDone();
  }

  onData(data: Buffer, endStream: boolean): void {
    this.length += data.length;
    if (endStream) this.onDone();
  }

  onTrailers(trailers: HeaderMap): void {
    this.trailers = plainHeaders(trailers);
    this.onDone();
  }

  onEndSent(): void {}

  onReset(_reason: string, details: string): void {
    this.trailers = details;
    this.onDone();
  }

  onAboveWriteBufferHighWatermark(): void {}
  onBelowWriteBufferLowWatermark(): void {}
}

describe("our client with Node's server", () => {
  it("asks", { timeout: 20_000 }, async (t) => {
    const server = createH2((request, response) => {
      let length = 0;
      request.on("data", (bytes: Buffer) => (length += bytes.length));
      request.on("end", () => {
        if (request.url === "/hints") response.writeEarlyHints({ link: "</a>; rel=preload" });
        response.addTrailers({ "x-length": String(length) });
        response.end(Buffer.alloc(length));
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    t.after(() => {
      socket.destroy();
      server.close();
    });
    const codec = new Http2ClientCodec(
      new SocketSink(socket),
      connectionOf(() => {
        throw new Error("a server opened a stream");
      }),
      DEFAULT_HTTP2_OPTIONS,
      COUNTERS,
    );
    socket.on("data", (bytes: Buffer) => codec.execute(bytes, 0, bytes.length));
    const ask = (method: string, path: string, length: number): Promise<Receiver> =>
      new Promise((resolve) => {
        const receiver = new Receiver();
        receiver.onDone = () => resolve(receiver);
        const stream = codec.newStream(receiver);
        const fields = [
          [":method", method],
          [":scheme", "http"],
          [":authority", "a.test"],
          [":path", path],
        ] as const;
        stream.encodeHeaders(headerMap(fields), length === 0);
        if (length > 0) stream.encodeData(Buffer.alloc(length), true);
      });
    const hints = await ask("GET", "/hints", 0);
    assert.equal(hints.interim, ":status=103,link=</a>; rel=preload");
    assert.equal(hints.head, ":status=200");
    const head = await ask("HEAD", "/", 0);
    assert.deepEqual([head.head, head.length], [":status=200", 0]);
    const large = await ask("POST", "/", MEBIBYTE);
    assert.deepEqual([large.length, large.trailers], [MEBIBYTE, `x-length=${MEBIBYTE}`]);
    const many = await Promise.all(
      Array.from({ length: 100 }, (_, i) => ask("POST", `/${i}`, 1 + (i % 3) * 10_000)),
    );
    for (const [i, answer] of many.entries())
      assert.equal(answer.trailers, `x-length=${1 + (i % 3) * 10_000}`);
    assert.equal(codec.activeStreams, 0);
  });
});
