/**
 * Time per exchange of the HTTP/2 codecs alone, on connections that are warm: parse and encode, both sides. Prints, asserts
 * nothing.
 *
 *   node bench/micro/http2.ts [rounds]
 */
import {
  DEFAULT_HTTP2_OPTIONS,
  HeaderMap,
  Http2ClientCodec,
  type Http2ConnectionCallbacks,
  Http2ServerCodec,
  type Http2Sink,
  type Http2Stream,
  type Http2StreamCallbacks,
} from "@nuncio/codec";
import { measure } from "./measure.ts";

/** As a connection does: collects text until the turn ends, and then writes it. */
class BufferSink implements Http2Sink {
  readonly unsentBytes = 0;
  readonly buffer: Buffer = Buffer.alloc(1024 * 1024);
  #pending = "";
  #length = 0;

  writeLatin1(text: string): void {
    this.#pending += text;
  }

  writeBytes(data: Buffer): void {
    if (data.length <= 4096) {
      this.#pending += data.latin1Slice(0, data.length);
      return;
    }
    this.#flush();
    this.#length += data.copy(this.buffer, this.#length);
  }

  writePieces(heads: readonly string[], data: Buffer, pieceBytes: number): void {
    heads.forEach((head, i) => {
      this.writeLatin1(head);
      this.writeBytes(data.subarray(i * pieceBytes, (i + 1) * pieceBytes));
    });
  }

  /** The bytes since the last call. */
  take(): number {
    this.#flush();
    const length = this.#length;
    this.#length = 0;
    return length;
  }

  #flush(): void {
    if (this.#pending === "") return;
    this.#length += this.buffer.write(this.#pending, this.#length, "latin1");
    this.#pending = "";
  }
}

const BODY = Buffer.alloc(33, "x");
const LARGE_BODY = Buffer.alloc(64 * 1024, "x");
const COUNTERS = { add(): void {} };

/** Answers each request with the same response. */
class Responder implements Http2StreamCallbacks {
  static body = BODY;
  static length = String(BODY.length);
  readonly #stream: Http2Stream;

  constructor(stream: Http2Stream) {
    this.#stream = stream;
  }

  on1xxHeaders(): void {}

  onHeaders(_headers: HeaderMap, endStream: boolean): void {
    if (endStream) this.#respond();
  }

  onData(_data: Buffer, endStream: boolean): void {
    if (endStream) this.#respond();
  }

  onTrailers(): void {}
  onEndSent(): void {}
  onReset(): void {}
  onAboveWriteBufferHighWatermark(): void {}
  onBelowWriteBufferLowWatermark(): void {}

  #respond(): void {
    const head = new HeaderMap();
    head.status = 200;
    head.entries.push("content-type", "application/json", "content-length", Responder.length);
    head.entries.push("date", "Sat, 21 Nov 2026 00:16:45 GMT", "server", "origin");
    this.#stream.encodeHeaders(head, false);
    this.#stream.encodeData(Responder.body, true);
  }
}

class Ignorer implements Http2StreamCallbacks {
  on1xxHeaders(): void {}
  onHeaders(): void {}
  onData(): void {}
  onTrailers(): void {}
  onEndSent(): void {}
  onReset(): void {}
  onAboveWriteBufferHighWatermark(): void {}
  onBelowWriteBufferLowWatermark(): void {}
}

const connection: Http2ConnectionCallbacks = {
  onNewStream: (stream) => new Responder(stream),
  onStreamClosed() {},
  onGoAway() {},
  onSettings() {},
  onPingAck() {},
  onConnectionError(error) {
    throw new Error(error.details);
  },
};

const options = { ...DEFAULT_HTTP2_OPTIONS, maxInboundWindowUpdateFramesPerDataFrameSent: 1e9 };
const up = new BufferSink();
const down = new BufferSink();
const client = new Http2ClientCodec(up, connection, options, COUNTERS);
const server = new Http2ServerCodec(down, connection, options, COUNTERS);
const ignorer = new Ignorer();

function carry(): void {
  for (;;) {
    const sent = up.take();
    if (sent > 0) server.execute(up.buffer, 0, sent);
    const answered = down.take();
    if (answered > 0) client.execute(down.buffer, 0, answered);
    if (sent === 0 && answered === 0) return;
  }
}

function ask(fields: readonly string[], endStream: boolean): Http2Stream {
  const head = new HeaderMap();
  head.method = endStream ? "GET" : "POST";
  head.scheme = "http";
  head.authority = "www.example.com";
  head.path = "/api/v1/users";
  for (const text of fields) head.entries.push(text);
  const stream = client.newStream(ignorer);
  stream.encodeHeaders(head, endStream);
  return stream;
}

const FIELDS = [
  ["user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"],
  ["accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
  ["accept-encoding", "gzip, deflate, br"],
  ["x-requested-with", "XMLHttpRequest"],
].flat();

const rounds = Number(process.argv[2] ?? 100_000);
carry();
measure("exchange both sides, no headers", rounds, () => {
  ask([], true);
  carry();
});
measure("exchange both sides, 4 headers", rounds, () => {
  ask(FIELDS, true);
  carry();
});
const tenAtOnce = (): void => {
  for (let i = 0; i < 10; i++) ask(FIELDS, true);
  carry();
};
measure("exchange both sides, 10 at once", rounds / 10, tenAtOnce, 10);
measure("upload of 64 KiB", rounds / 20, () => {
  ask(FIELDS, false).encodeData(LARGE_BODY, true);
  carry();
});
Responder.body = LARGE_BODY;
Responder.length = String(LARGE_BODY.length);
measure("download of 64 KiB", rounds / 20, () => {
  ask(FIELDS, true);
  carry();
});
