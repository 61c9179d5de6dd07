import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { http1Options } from "./options.ts";
import { Http1ServerCodec } from "./server-codec.ts";
import { readRequests } from "./testing/drive.ts";
import { RecordingCallbacks } from "./testing/recorders.ts";

const HOST = "Host: a.test\r\n";

describe("reading requests", () => {
  it("gives pseudo headers and lower-case names, values without the whitespace around", () => {
    const { seen, left } = readRequests(
      "PUT /p?q=1 HTTP/1.1\r\nhOsT: A.test:81\r\nX-Up-Case: \t v w \t\r\nACCEPT:*/*\r\nX-Up-Case:\r\n\r\n",
    );
    const { headers, ended } = seen.messages[0]!;
    assert.deepEqual(
      [headers.method, headers.path, headers.authority, headers.scheme],
      ["PUT", "/p?q=1", "A.test:81", ""],
    );
    assert.deepEqual(headers.entries, ["x-up-case", "v w", "accept", "*/*", "x-up-case", ""]);
    assert.deepEqual([ended, left], [true, 0]);
  });

  it("keeps bytes above 127 in values", () => {
    const { seen } = readRequests(`GET / HTTP/1.1\r\n${HOST}X: caf\xe9\r\n\r\n`);
    assert.equal(seen.messages[0]!.headers.get("x"), "caf\xe9");
  });

  it("reads a body by content-length, and writes the length in one spelling", () => {
    const { seen } = readRequests(`POST / HTTP/1.1\r\n${HOST}Content-Length: 0005\r\n\r\nhello`);
    assert.equal(seen.messages[0]!.body, "hello");
    assert.equal(seen.messages[0]!.headers.get("content-length"), "5");
  });

  it("frames the body of a GET, so that it is not the next request", () => {
    const body = `GET /smuggled HTTP/1.1\r\n${HOST}\r\n`;
    const { seen } = readRequests(
      `GET / HTTP/1.1\r\n${HOST}Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    assert.deepEqual(
      seen.messages.map((message) => message.body),
      [body],
    );
  });
});

describe("one request after another", () => {
  it("takes pipelined requests one at a time", () => {
    const text = `GET /1 HTTP/1.1\r\n${HOST}\r\nGET /2 HTTP/1.1\r\n${HOST}\r\n`;
    const { seen } = readRequests(text);
    assert.deepEqual(
      seen.messages.map((message) => message.headers.path),
      ["/1", "/2"],
    );
    const { codec, seen: first, left } = readRequests("");
    first.onEnd = () => {};
    const bytes = Buffer.from(text);
    assert.equal(codec.execute(bytes, 0, bytes.length), bytes.length / 2);
    assert.equal(codec.execute(bytes, bytes.length / 2, bytes.length), 0);
    assert.deepEqual([first.messages.length, codec.requestComplete, left], [1, true, 0]);
    codec.nextRequest();
    assert.equal(codec.execute(bytes, bytes.length / 2, bytes.length), bytes.length / 2);
    assert.equal(first.messages[1]!.headers.path, "/2");
  });

  it("takes nothing behind `connection: close`", () => {
    for (const value of ["close", "Close", "foo, close", "keep-alive, close"]) {
      const { codec, seen, left } = readRequests(
        `GET /1 HTTP/1.1\r\n${HOST}Connection: ${value}\r\n\r\nGET /2 HTTP/1.1\r\n${HOST}\r\n`,
      );
      assert.deepEqual([seen.messages.length, codec.keepAlive, left > 0], [1, false, true], value);
    }
    const { codec } = readRequests(`GET / HTTP/1.1\r\n${HOST}Proxy-Connection: close\r\n\r\n`);
    assert.equal(codec.keepAlive, false);
  });

  it("skips empty lines before a request", () => {
    const { seen } = readRequests(
      `\r\n\r\nGET / HTTP/1.1\r\n${HOST}\r\n\r\nGET /2 HTTP/1.1\r\n${HOST}\r\n`,
    );
    assert.equal(seen.messages.length, 2);
  });
});

describe("the facts of a request", () => {
  it("tells a missing Host from an empty one", () => {
    const missing = readRequests("GET / HTTP/1.1\r\n\r\n");
    assert.deepEqual(
      [missing.codec.request.hasHost, missing.seen.messages[0]!.headers.authority],
      [false, ""],
    );
    assert.equal(readRequests("GET / HTTP/1.1\r\nHost:\r\n\r\n").codec.request.hasHost, true);
  });

  it("accepts hosts of every form", () => {
    for (const host of [
      "a.test",
      "a-b_c.test:65535",
      "127.0.0.1:80",
      "[::1]:80",
      "[::1]",
      "a%41",
      "a:",
      "x!$&'()*+,;=~",
      "a:x",
      "a:80:90",
      "::1",
      "[::1",
      "[]",
      "[::1]x",
      "u:p@a.test",
      "",
    ]) {
      const { seen } = readRequests(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      assert.equal(seen.messages[0]?.headers.authority, host);
    }
  });

  it("says when the client expects 100 Continue", () => {
    const expects = (value: string): boolean =>
      readRequests(`POST / HTTP/1.1\r\n${HOST}Expect: ${value}\r\nContent-Length: 1\r\n\r\n`).codec
        .request.expectsContinue;
    assert.deepEqual(
      [
        "100-continue",
        "100-Continue",
        "foo",
        "100-continue\r\nExpect:",
        "\r\nExpect: 100-continue",
      ].map(expects),
      [true, true, false, true, true],
    );
    assert.deepEqual(
      ["100-continue\r\nExpect: 100-continue", "foo\r\nExpect: 100-continue"].map(expects),
      [false, false],
    );
  });

  it("says when a head has begun", () => {
    const { codec } = readRequests("GET / HT");
    assert.equal(codec.insideHead, true);
    codec.execute(Buffer.from("TP/1.1\r\n\r\n"), 0, 10);
    assert.equal(codec.insideHead, false);
  });

  it("counts header bytes as Envoy does", () => {
    // Envoy 1.40 logs these for %DOWNSTREAM_HEADER_BYTES_RECEIVED%.
    const count = (lines: string): number => {
      const codec = new Http1ServerCodec(new RecordingCallbacks(), http1Options({}));
      const bytes = Buffer.from(`GET /x HTTP/1.1\r\n${lines}\r\n`);
      codec.execute(bytes, 0, bytes.length);
      return codec.request.headerBytes;
    };
    assert.deepEqual(
      [count(HOST), count(`${HOST}X-A:\t  v \t\r\n`), count("Host:\r\n")],
      [13, 20, 7],
    );
  });

  it("counts header bytes of a head that is refused for what it says, not for how it is written", () => {
    const count = (lines: string): number =>
      readRequests(`POST / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`).codec.request.headerBytes;
    assert.equal(count("Transfer-Encoding: gzip\r\n"), 32);
    assert.equal(count("Content-Length: 5\r\nContent-Length: 6\r\n"), 0);
    assert.equal(count("Content-Length: +5\r\n"), 0);
    assert.equal(count("X-A: \0\r\n"), 0);
  });

  it("forgets the facts of the request before", () => {
    const { codec } = readRequests(
      `GET / HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nTE: gzip\r\nContent-Length: 1\r\n\r\nx` +
        `GET / HTTP/1.1\r\n${HOST}\r\n`,
    );
    const { expectsContinue, hasHopByHop, contentLength } = codec.request;
    assert.deepEqual([expectsContinue, hasHopByHop, contentLength], [false, false, 0]);
    const many = readRequests(`GET / HTTP/1.1\r\n${HOST}Connection: keep-alive\r\n\r\n`.repeat(12));
    assert.deepEqual([many.seen.messages.length, many.seen.errors.length], [12, 0]);
  });
});

describe("request targets", () => {
  const read = (line: string, options = {}): readonly string[] => {
    const { seen } = readRequests(`${line} HTTP/1.1\r\n${HOST}\r\n`, options);
    const { scheme, authority, path } = seen.messages[0]!.headers;
    return [scheme, authority, path];
  };

  it("absolute-form replaces Host", () => {
    assert.deepEqual(read("GET http://b.test/x?y"), ["http", "b.test", "/x?y"]);
    assert.deepEqual(read("GET HTTPS://b.test:8443/"), ["https", "b.test:8443", "/"]);
  });

  it("absolute-form makes up for a Host that is not valid", () => {
    const { seen } = readRequests("GET http://b.test/ HTTP/1.1\r\nHost: a b\r\n\r\n");
    assert.equal(seen.messages[0]?.headers.authority, "b.test");
  });

  it("absolute-form without path becomes /", () => {
    assert.deepEqual(read("GET http://b.test"), ["http", "b.test", "/"]);
    assert.deepEqual(read("GET http://b.test?a=1"), ["http", "b.test", "/?a=1"]);
    assert.deepEqual(read("OPTIONS http://[::1]:80"), ["http", "[::1]:80", "/"]);
    assert.deepEqual(read("GET http://-.:00065535"), ["http", "-.:00065535", "/"]);
  });

  it("absolute-form stays a path without allowAbsoluteUrl", () => {
    assert.deepEqual(read("GET http://b.test/x", { allowAbsoluteUrl: false }), [
      "",
      "a.test",
      "http://b.test/x",
    ]);
  });

  it("authority-form for CONNECT, which does not end", () => {
    const { codec, seen, left } = readRequests(
      "CONNECT b.test:443 HTTP/1.1\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
    );
    const { headers, ended } = seen.messages[0]!;
    assert.deepEqual([headers.authority, headers.path, ended], ["b.test:443", "", false]);
    assert.deepEqual([seen.messages.length, left > 0, codec.request.hasHost], [1, true, true]);
  });

  it("CONNECT may say that it has no body", () => {
    const { seen } = readRequests("CONNECT b.test:443 HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    assert.deepEqual(seen.messages[0]!.headers.entries, []);
  });

  it("asterisk-form for OPTIONS", () => {
    assert.deepEqual(read("OPTIONS *"), ["", "a.test", "*"]);
  });
});

describe("options for requests", () => {
  it("allowCustomMethods takes any token", () => {
    for (const method of ["FOO-bar", "get", "M-SEARCH"]) {
      const { seen } = readRequests(`${method} / HTTP/1.1\r\n${HOST}\r\n`, {
        allowCustomMethods: true,
      });
      assert.equal(seen.messages[0]!.headers.method, method);
    }
    assert.equal(
      readRequests(`F(O / HTTP/1.1\r\n${HOST}\r\n`, { allowCustomMethods: true }).seen.errors
        .length,
      1,
    );
  });

  it("headersWithUnderscoresAction", () => {
    const text = `GET / HTTP/1.1\r\n${HOST}X_a: 1\r\nContent_Length: 5\r\nx-b: 2\r\n\r\n`;
    const read = (headersWithUnderscoresAction: "ALLOW" | "REJECT_REQUEST" | "DROP_HEADER") =>
      readRequests(text, { headersWithUnderscoresAction }).seen;
    assert.deepEqual(read("ALLOW").messages[0]!.headers.entries, [
      "x_a",
      "1",
      "content_length",
      "5",
      "x-b",
      "2",
    ]);
    assert.deepEqual(read("DROP_HEADER").messages[0]!.headers.entries, ["x-b", "2"]);
    assert.equal(read("REJECT_REQUEST").errors[0]!.code, "http1.unexpected_underscore");
  });

  it("acceptHttp10 with defaultHostForHttp10", () => {
    const options = { acceptHttp10: true, defaultHostForHttp10: "d.test" };
    const read = (text: string) => readRequests(text, options);
    const plain = read("GET / HTTP/1.0\r\n\r\n");
    assert.deepEqual(
      [plain.seen.messages[0]!.headers.authority, plain.codec.request.http10],
      ["d.test", true],
    );
    assert.equal(plain.codec.keepAlive, false);
    assert.equal(
      read("GET / HTTP/1.0\r\nHost: b\r\n\r\n").seen.messages[0]!.headers.authority,
      "b",
    );
    assert.equal(read("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").codec.keepAlive, true);
    assert.equal(
      read("GET / HTTP/1.0\r\nProxy-Connection: keep-alive\r\n\r\n").codec.keepAlive,
      false,
    );
    const old = read(
      "POST / HTTP/1.0\r\nExpect: 100-continue\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    );
    assert.deepEqual([old.codec.request.expectsContinue, old.codec.request.upgrade], [false, ""]);
    assert.equal(read("GET / HTTP/1.1\r\n\r\n").codec.request.hasHost, false);
    assert.equal(read("GET / HTTP/2.0\r\n\r\n").seen.errors[0]!.code, "low_version");
  });

  it("allowChunkedLength drops the length and closes", () => {
    const { codec, seen } = readRequests(
      `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
      { allowChunkedLength: true },
    );
    assert.deepEqual(
      [seen.messages[0]!.body, seen.messages[0]!.headers.entries, codec.keepAlive],
      ["hi", [], false],
    );
  });
});
