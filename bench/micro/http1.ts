/**
 * Time per message of the HTTP/1 codecs alone: parse and encode, both sides. Prints, asserts nothing.
 *
 *   node bench/micro/http1.ts [rounds]
 */
import {
  type ByteSink,
  DEFAULT_HTTP1_OPTIONS,
  HeaderMap,
  Http1ClientCodec,
  Http1ServerCodec,
} from "@nuncio/codec";
import { measure } from "./measure.ts";

const REQUEST = Buffer.from(
  "GET /api/v1/users/12345?fields=name,email HTTP/1.1\r\n" +
    "Host: www.example.com\r\n" +
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n" +
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n" +
    "Accept-Language: en-US,en;q=0.5\r\n" +
    "Accept-Encoding: gzip, deflate, br\r\n" +
    "Connection: keep-alive\r\n" +
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n" +
    "X-Requested-With: XMLHttpRequest\r\n" +
    "Cache-Control: no-cache\r\n" +
    "X-Custom-Header: some value\r\n\r\n",
  "latin1",
);
const SMALL_REQUEST = Buffer.from("GET / HTTP/1.1\r\nHost: 127.0.0.1:10000\r\n\r\n", "latin1");
const RESPONSE = Buffer.from(
  "HTTP/1.1 200 OK\r\n" +
    "Content-Type: application/json; charset=utf-8\r\n" +
    "Content-Length: 33\r\n" +
    "Date: Sat, 21 Nov 2026 00:16:45 GMT\r\n" +
    'ETag: "0123456789abcdef"\r\n' +
    "Cache-Control: max-age=60\r\n" +
    "Server: origin\r\n\r\n" +
    '{"id":12345,"name":"Grace Hopper"}'.slice(0, 33),
  "latin1",
);

/** Copies as a connection does, into one reused buffer. */
class BufferSink implements ByteSink {
  readonly buffer: Buffer = Buffer.alloc(65536);
  length = 0;

  writeLatin1(text: string): void {
    this.length += this.buffer.write(text, this.length, "latin1");
  }

  writeBytes(data: Buffer): void {
    this.length += data.copy(this.buffer, this.length);
  }
}

/** Keeps the last message only. */
class LastMessage {
  headers = new HeaderMap();

  onHeaders(headers: HeaderMap): void {
    this.headers = headers;
  }

  on1xxHeaders(): void {}
  onData(): void {}
  onTrailers(): void {}
  onCodecError(error: { code: string }): void {
    throw new Error(error.code);
  }
}

const rounds = Number(process.argv[2] ?? 200_000);
const requestSeen = new LastMessage();
const responseSeen = new LastMessage();
const server = new Http1ServerCodec(requestSeen, DEFAULT_HTTP1_OPTIONS);
const client = new Http1ClientCodec(responseSeen, DEFAULT_HTTP1_OPTIONS);
const sink = new BufferSink();

measure("parse request, 10 headers", rounds, () => {
  server.execute(REQUEST, 0, REQUEST.length);
  server.nextRequest();
});
const tenHeaders = requestSeen.headers;
measure("parse request, 1 header", rounds, () => {
  server.execute(SMALL_REQUEST, 0, SMALL_REQUEST.length);
  server.nextRequest();
});
const oneHeader = requestSeen.headers;
measure("encode request, 10 headers", rounds, () => {
  sink.length = 0;
  client.encodeHeaders(sink, tenHeaders, true);
});
measure("encode request, 1 header", rounds, () => {
  sink.length = 0;
  client.encodeHeaders(sink, oneHeader, true);
});
measure("encode request + parse response", rounds, () => {
  sink.length = 0;
  client.encodeHeaders(sink, oneHeader, true);
  client.execute(RESPONSE, 0, RESPONSE.length);
});
measure("encode response, 6 headers", rounds, () => {
  sink.length = 0;
  server.encodeHeaders(sink, responseSeen.headers, false);
});
measure("proxy: all four, 10 headers", rounds, () => {
  sink.length = 0;
  server.execute(REQUEST, 0, REQUEST.length);
  client.encodeHeaders(sink, requestSeen.headers, true);
  client.execute(RESPONSE, 0, RESPONSE.length);
  server.encodeHeaders(sink, responseSeen.headers, false);
  server.nextRequest();
});
