import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ByteSink, CodecError } from "../callbacks.ts";
import type { HeaderMap } from "../header-map.ts";
import { type ClientCallbacks, Http1ClientCodec } from "./client-codec.ts";
import { stripHopByHop } from "./hop-by-hop.ts";
import { http1Options } from "./options.ts";
import { Http1ServerCodec, type ServerCallbacks } from "./server-codec.ts";
import { RecordingSink } from "./testing/recorders.ts";

const OPTIONS = http1Options({ enableTrailers: true });

/** The smallest proxy there can be: what one side reads, the other writes at once. */
class Loop {
  readonly downstream = new RecordingSink();
  readonly upstream = new RecordingSink();
  readonly errors: CodecError[] = [];
  readonly server: Http1ServerCodec;
  readonly client: Http1ClientCodec;

  constructor() {
    this.server = new Http1ServerCodec(
      this.#forward(
        this.upstream,
        () => this.client,
        () => {},
      ),
      OPTIONS,
    );
    const responses = this.#forward(
      this.downstream,
      () => this.server,
      () => this.server.nextRequest(),
    );
    this.client = new Http1ClientCodec(
      {
        ...responses,
        on1xxHeaders: (headers) => this.server.encode1xxHeaders(this.downstream, headers),
      },
      OPTIONS,
    );
  }

  /** Gives pieces of at most `size` bytes to one side. */
  feed(codec: Http1ServerCodec | Http1ClientCodec, text: string, size: number): void {
    const bytes = Buffer.from(text, "latin1");
    let start = 0;
    while (start < bytes.length) {
      const taken = codec.execute(bytes, start, Math.min(bytes.length, start + size));
      if (taken === 0) break;
      start += taken;
    }
    assert.equal(start, bytes.length, "all was taken");
  }

  #forward(
    sink: ByteSink,
    to: () => Http1ServerCodec | Http1ClientCodec,
    onEnd: () => void,
  ): ServerCallbacks & Omit<ClientCallbacks, "on1xxHeaders"> {
    return {
      onHeaders: (headers: HeaderMap, endStream: boolean) => {
        stripHopByHop(headers);
        to().encodeHeaders(sink, headers, endStream);
        if (endStream) onEnd();
      },
      onData: (data: Buffer, endStream: boolean) => {
        to().encodeData(sink, data, endStream);
        if (endStream) onEnd();
      },
      onTrailers: (trailers: HeaderMap) => {
        to().encodeTrailers(sink, trailers);
        onEnd();
      },
      onCodecError: (error: CodecError) => {
        this.errors.push(error);
      },
    };
  }
}

const EXCHANGES: readonly {
  readonly name: string;
  readonly request: string;
  readonly forwarded: string;
  readonly response: string;
  readonly answered: string;
}[] = [
  {
    name: "a plain GET",
    request:
      "GET /1?q HTTP/1.1\r\nHost: a.test\r\nX-Foo: 1\r\nConnection: keep-alive, x-gone\r\nX-Gone: 1\r\n\r\n",
    forwarded: "GET /1?q HTTP/1.1\r\nhost: a.test\r\nx-foo: 1\r\n\r\n",
    response: "HTTP/1.1 200 Fine\r\nContent-Length: 2\r\nKeep-Alive: 5\r\n\r\nhi",
    answered: "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
  },
  {
    name: "a POST with a length, early hints and 204",
    request: "POST http://b.test HTTP/1.1\r\nHost: a.test\r\nContent-Length: 05\r\n\r\nhello",
    forwarded: "POST / HTTP/1.1\r\nhost: b.test\r\ncontent-length: 5\r\n\r\nhello",
    response: "HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\nHTTP/1.1 204 Empty\r\n\r\n",
    answered: "HTTP/1.1 103 Unknown\r\nlink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
  },
  {
    name: "HEAD",
    request: "HEAD / HTTP/1.1\r\nHost: a.test\r\n\r\n",
    forwarded: "HEAD / HTTP/1.1\r\nhost: a.test\r\n\r\n",
    response: "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",
    answered: "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n",
  },
  {
    name: "chunks with extensions and trailers both ways",
    request:
      "PUT / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: CHUNKED\r\n\r\n5;x\r\nhello\r\n0;y\r\nX-T: 1\r\n\r\n",
    forwarded:
      "PUT / HTTP/1.1\r\nhost: a.test\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-t: 1\r\n\r\n",
    response: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-U: 2\r\n\r\n",
    answered: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nx-u: 2\r\n\r\n",
  },
];

describe("server codec, client codec and back", () => {
  for (const { name, request, forwarded, response, answered } of EXCHANGES) {
    it(name, () => {
      const loop = new Loop();
      loop.feed(loop.server, request, 1000);
      assert.equal(loop.upstream.text, forwarded);
      loop.feed(loop.client, response, 1000);
      assert.equal(loop.downstream.text, answered);
      assert.deepEqual(
        [loop.errors, loop.client.reusable, loop.server.keepAlive],
        [[], true, true],
      );
    });
  }

  it("all on one connection, byte by byte, over and over", () => {
    const loop = new Loop();
    for (let round = 0; round < 3; round++) {
      for (const { request, response } of EXCHANGES) {
        loop.feed(loop.server, request, 1);
        loop.feed(loop.client, response, 1);
        assert.equal(loop.client.reusable, true);
      }
    }
    assert.deepEqual(loop.errors, []);
    assert.equal(loop.downstream.text.match(/HTTP\/1\.1 20[04]/g)!.length, 12);
    assert.equal(loop.upstream.text.match(/ HTTP\/1\.1\r\n/g)!.length, 12);
  });

  it("an answer before the end of the request does not let the next one in", () => {
    const loop = new Loop();
    loop.feed(loop.server, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe", 1000);
    loop.feed(loop.client, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1000);
    assert.deepEqual([loop.client.reusable, loop.server.requestComplete], [false, false]);
    loop.feed(loop.server, "llo", 1000);
    assert.deepEqual([loop.client.reusable, loop.server.requestComplete], [true, true]);
  });

  it("an upstream that ends too early leaves the answer visibly broken", () => {
    const loop = new Loop();
    loop.feed(loop.server, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 1000);
    loop.feed(loop.client, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi", 1000);
    loop.client.finish();
    assert.equal(loop.errors[0]!.code, "http1.premature_close");
    assert.ok(loop.downstream.text.endsWith("2\r\nhi\r\n"), "no last chunk");
  });
});
