import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderMap } from "../header-map.ts";
import { Http1ClientCodec } from "./client-codec.ts";
import { http1Options, type Http1Options } from "./options.ts";
import { readRequests, requestMap, responseMap } from "./testing/drive.ts";
import { RecordingCallbacks, RecordingSink } from "./testing/recorders.ts";

const NOTHING = Buffer.alloc(0);

interface Exchange {
  readonly method?: string;
  readonly version?: string;
  /** More header lines of the request. */
  readonly lines?: string;
  readonly options?: Partial<Http1Options>;
  readonly trailers?: HeaderMap;
}

/** Writes a response, in pieces or without a body, to the request of `exchange`. */
function respond(
  response: HeaderMap,
  body: readonly string[] | null,
  exchange: Exchange = {},
): { text: string; keepAlive: boolean } {
  const { method = "GET", version = "1.1", lines = "", options = {}, trailers } = exchange;
  const head = `${method} / HTTP/${version}\r\nHost: a.test\r\n${lines}\r\n`;
  const { codec } = readRequests(head, { acceptHttp10: true, ...options });
  const sink = new RecordingSink();
  codec.encodeHeaders(sink, response, body === null);
  for (const [i, piece] of (body ?? []).entries()) {
    const last = trailers === undefined && i === body!.length - 1;
    codec.encodeData(sink, Buffer.from(piece), last);
  }
  if (trailers !== undefined) codec.encodeTrailers(sink, trailers);
  return { text: sink.text, keepAlive: codec.keepAlive };
}

const text = (...args: Parameters<typeof respond>): string => respond(...args).text;

describe("writing responses", () => {
  it("with a length of their own", () => {
    assert.equal(
      text(responseMap(200, ["content-length", "2", "x", "1", "x", "2"]), ["h", "i"]),
      "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx: 1\r\nx: 2\r\n\r\nhi",
    );
  });

  it("in chunks without a length", () => {
    assert.equal(
      text(responseMap(200), ["hello", "", "0123456789abcdef"]),
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n",
    );
    assert.equal(
      text(responseMap(200), [""]),
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    );
  });

  it("with a length of 0 when there is no body", () => {
    assert.equal(
      text(responseMap(404), null),
      "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
    );
  });

  it("without framing where none may be", () => {
    assert.equal(
      text(responseMap(204, ["content-length", "0"]), null),
      "HTTP/1.1 204 No Content\r\n\r\n",
    );
    assert.equal(text(responseMap(304), null), "HTTP/1.1 304 Not Modified\r\n\r\n");
    assert.equal(
      text(responseMap(304, ["content-length", "9"]), null),
      "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n",
    );
    assert.equal(text(responseMap(204), ["no"]), "HTTP/1.1 204 No Content\r\n\r\n");
  });

  it("to HEAD as they would be to GET, without the body", () => {
    const head = { method: "HEAD" };
    assert.equal(
      text(responseMap(200, ["content-length", "5"]), null, head),
      "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n",
    );
    assert.equal(
      text(responseMap(200), null, head),
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    );
    assert.equal(
      text(responseMap(200), ["body"], head),
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    );
    assert.equal(text(responseMap(304), null, head), "HTTP/1.1 304 Not Modified\r\n\r\n");
  });
});

describe("writing responses with care", () => {
  it("never with both framings, nor a length that is none", () => {
    assert.equal(
      text(
        responseMap(200, [
          "transfer-encoding",
          "gzip",
          "content-length",
          "2",
          "content-length",
          "3",
        ]),
        ["hi"],
      ),
      "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
    );
    assert.equal(
      text(responseMap(200, ["content-length", "x"]), ["hi"]),
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    );
  });
});

describe("writing responses and the connection", () => {
  it("say when the connection closes, before the framing", () => {
    const closing = { lines: "Connection: close\r\n" };
    assert.equal(
      text(responseMap(200), null, closing),
      "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    );
    const { text: own, keepAlive } = respond(
      responseMap(200, ["connection", "close", "x", "1"]),
      null,
    );
    assert.equal(own, "HTTP/1.1 200 OK\r\nx: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    assert.equal(keepAlive, false);
  });

  it("with unknown statuses", () => {
    assert.match(text(responseMap(299), null), /^HTTP\/1\.1 299 Unknown\r\n/);
    assert.match(text(responseMap(999), null), /^HTTP\/1\.1 999 Unknown\r\n/);
  });

  it("to HTTP/1.0", () => {
    const old = { version: "1.0" };
    assert.equal(
      text(responseMap(200, ["content-length", "2"]), ["hi"], {
        ...old,
        lines: "Connection: keep-alive\r\n",
      }),
      "HTTP/1.0 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nhi",
    );
    assert.equal(
      text(responseMap(200), ["hi"], old),
      "HTTP/1.0 200 OK\r\nconnection: close\r\n\r\nhi",
    );
    assert.equal(
      text(responseMap(200), ["hi"], { ...old, lines: "Connection: keep-alive\r\n" }),
      "HTTP/1.0 200 OK\r\nconnection: close\r\n\r\nhi",
    );
  });

  it("never run over their length, and an end before it closes the connection", () => {
    const over = respond(responseMap(200, ["content-length", "2"]), ["hi!", "HTTP/1.1 200"]);
    assert.deepEqual([over.text.split("\r\n\r\n")[1], over.keepAlive], ["hi", false]);
    const under = respond(responseMap(200, ["content-length", "3"]), ["hi"]);
    assert.deepEqual([under.text.split("\r\n\r\n")[1], under.keepAlive], ["hi", false]);
    assert.equal(respond(responseMap(200, ["content-length", "2"]), null).keepAlive, false);
  });
});

describe("writing responses with options", () => {
  it("with trailers where enabled", () => {
    const trailers = responseMap(0, ["x-t", "1"]);
    const head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n";
    assert.equal(
      text(responseMap(200), ["hi"], { trailers, options: { enableTrailers: true } }),
      `${head}x-t: 1\r\n\r\n`,
    );
    assert.equal(text(responseMap(200), ["hi"], { trailers }), `${head}\r\n`);
    assert.equal(
      text(responseMap(200, ["content-length", "2"]), ["hi"], {
        trailers,
        options: { enableTrailers: true },
      }),
      "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
    );
    assert.equal(
      respond(responseMap(200, ["content-length", "3"]), ["hi"], { trailers }).keepAlive,
      false,
    );
  });

  it("in proper case", () => {
    const options = { headerKeyFormat: "proper_case_words" } as const;
    assert.equal(
      text(
        responseMap(200, [
          "x-envoy-foo",
          "1",
          "etag",
          "2",
          "x_y-zed.foo",
          "3",
          "1a",
          "4",
          "-x--y",
          "5",
        ]),
        ["hi"],
        { options },
      ),
      "HTTP/1.1 200 OK\r\nX-Envoy-Foo: 1\r\nEtag: 2\r\nX_Y-Zed.Foo: 3\r\n1a: 4\r\n-X--Y: 5\r\n" +
        "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    );
    assert.equal(
      text(responseMap(200), null, { options, lines: "Connection: close\r\n" }),
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    );
  });

  it("counts their bytes as Envoy does", () => {
    const { codec } = readRequests("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    codec.encodeHeaders(
      new RecordingSink(),
      responseMap(404, ["server", "envoy", "date", "x".repeat(29)]),
      true,
    );
    // Envoy 1.40 logs 71 and 97 for %DOWNSTREAM_HEADER_BYTES_SENT% and %DOWNSTREAM_WIRE_BYTES_SENT% of this head.
    assert.deepEqual([codec.headerBytesSent, codec.headBytesSent], [71, 97]);
  });

  it("informational, but not to HTTP/1.0", () => {
    const sink = new RecordingSink();
    const { codec } = readRequests("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\n\r\n");
    codec.encode1xxHeaders(sink, responseMap(100, ["content-length", "0"]));
    codec.encode1xxHeaders(sink, responseMap(103, ["link", "</a>"]));
    assert.equal(
      sink.text,
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Unknown\r\nlink: </a>\r\n\r\n",
    );
    const old = readRequests("POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\n", {
      acceptHttp10: true,
    });
    const none = new RecordingSink();
    old.codec.encode1xxHeaders(none, responseMap(100));
    assert.equal(none.text, "");
  });

  it("the reply to a refused request of HTTP/1.0 is one, where that is accepted and the request could be read", () => {
    const versions = ["GET * HTTP/1.0", "GET x HTTP/1.0", "GET * HTTP/1.1"].map((line) => {
      const { codec } = readRequests(`${line}\r\n\r\n`, { acceptHttp10: true });
      const sink = new RecordingSink();
      codec.encodeHeaders(sink, responseMap(400, ["content-length", "0"]), true);
      return sink.text.slice(0, 8);
    });
    assert.deepEqual(versions, ["HTTP/1.0", "HTTP/1.1", "HTTP/1.1"]);
  });

  it("the reply to an unreadable request is not framed by the request before", () => {
    const { codec, seen } = readRequests("HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGE(T", {
      acceptHttp10: true,
    });
    const sink = new RecordingSink();
    codec.encodeHeaders(sink, responseMap(seen.errors[0]!.status, ["content-length", "3"]), false);
    codec.encodeData(sink, Buffer.from("bad"), true);
    assert.equal(
      sink.text,
      "HTTP/1.1 400 Bad Request\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbad",
    );
  });
});

/** Writes a request. */
function request(
  headers: HeaderMap,
  body: readonly string[] | null,
  options: Partial<Http1Options> = {},
): string {
  const codec = new Http1ClientCodec(new RecordingCallbacks(), http1Options(options));
  const sink = new RecordingSink();
  codec.encodeHeaders(sink, headers, body === null);
  for (const piece of body ?? []) codec.encodeData(sink, Buffer.from(piece), false);
  if (body !== null) codec.encodeData(sink, NOTHING, true);
  return sink.text;
}

describe("writing requests", () => {
  it("begins with the host", () => {
    assert.equal(
      request(requestMap("GET", ["accept", "*/*"], "/p?q"), null),
      "GET /p?q HTTP/1.1\r\nhost: a.test\r\naccept: */*\r\n\r\n",
    );
  });

  it("says that there is no body, but for the methods that have none", () => {
    for (const method of ["GET", "HEAD", "DELETE", "TRACE"])
      assert.doesNotMatch(request(requestMap(method), null), /length/);
    for (const method of ["POST", "PUT", "PATCH", "OPTIONS", "PROPFIND", "FOO"]) {
      assert.match(request(requestMap(method), null), /\r\ncontent-length: 0\r\n\r\n$/);
    }
  });

  it("frames a body, whatever the method", () => {
    assert.match(
      request(requestMap("GET"), ["hi"]),
      /transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n$/,
    );
    assert.match(
      request(requestMap("POST", ["content-length", "2"]), ["h", "i"]),
      /content-length: 2\r\n\r\nhi$/,
    );
  });

  it("in absolute-form with sendFullyQualifiedUrl", () => {
    assert.match(
      request(requestMap("GET"), null, { sendFullyQualifiedUrl: true }),
      /^GET http:\/\/a\.test\/x HTTP/,
    );
  });

  it("with trailers where enabled", () => {
    const codec = new Http1ClientCodec(
      new RecordingCallbacks(),
      http1Options({ enableTrailers: true }),
    );
    const sink = new RecordingSink();
    codec.encodeHeaders(sink, requestMap("POST"), false);
    codec.encodeData(sink, Buffer.from("hi"), false);
    codec.encodeTrailers(sink, responseMap(0, ["x-t", "1"]));
    assert.match(sink.text, /2\r\nhi\r\n0\r\nx-t: 1\r\n\r\n$/);
    assert.equal(codec.requestComplete, true);
  });

  it("in proper case", () => {
    assert.match(
      request(requestMap("POST"), null, { headerKeyFormat: "proper_case_words" }),
      /\r\nHost: a\.test\r\nContent-Length: 0\r\n/,
    );
  });

  it("counts its bytes as Envoy does", () => {
    const codec = new Http1ClientCodec(new RecordingCallbacks(), http1Options({}));
    const sink = new RecordingSink();
    codec.encodeHeaders(sink, requestMap("POST"), true);
    assert.deepEqual(
      [codec.headBytesSent, codec.headerBytesSent],
      [sink.bytes.length, sink.bytes.length - "POST /x HTTP/1.1\r\n\r\n".length],
    );
  });

  it("counts its trailers as header bytes, too", () => {
    const codec = new Http1ClientCodec(
      new RecordingCallbacks(),
      http1Options({ enableTrailers: true }),
    );
    const sink = new RecordingSink();
    codec.encodeHeaders(sink, requestMap("POST"), false);
    const before = codec.headerBytesSent;
    codec.encodeTrailers(sink, requestMap("", ["x-tr", "123"]));
    assert.equal(codec.headerBytesSent - before, "x-tr: 123\r\n".length);
  });
});
