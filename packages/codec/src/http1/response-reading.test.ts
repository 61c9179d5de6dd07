import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readResponse, requestMap } from "./testing/drive.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

describe("reading responses", () => {
  it("reads status, headers and body, and may go on", () => {
    const { codec, seen } = readResponse("GET", OK);
    const message = seen.messages[0]!;
    assert.deepEqual([message.headers.status, message.body, message.ended], [200, "hi", true]);
    assert.deepEqual(message.headers.entries, ["content-length", "2"]);
    assert.equal(codec.reusable, true);
  });

  it("takes any reason, or none", () => {
    for (const line of ["HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.1 200 Fancy caf\xe9\t!"]) {
      const { seen } = readResponse("GET", `${line}\r\nContent-Length: 0\r\n\r\n`);
      assert.equal(seen.messages[0]?.headers.status, 200, line);
    }
  });

  for (const [name, text] of [
    ["garbage", "SSH-2.0-OpenSSH_9\r\n\r\n"],
    ["a status of four digits", "HTTP/1.1 2000 X\r\nContent-Length: 0\r\n\r\n"],
    ["a status below 100", "HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n"],
    ["two spaces", "HTTP/1.1  200 X\r\nContent-Length: 0\r\n\r\n"],
    ["HTTP/2.0", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"],
    ["a control character in the reason", "HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n"],
    ["an empty line in front", `\r\n${OK}`],
    ["bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"],
    ["space before the colon", "HTTP/1.1 200 OK\r\nX : 1\r\nContent-Length: 0\r\n\r\n"],
    ["folding", "HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\nContent-Length: 0\r\n\r\n"],
    [
      "length and coding",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi"],
    ["no number", "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nhi"],
    ["another coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"],
    ["chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nhi"],
    ["204 with a coding", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["1xx with a coding", `HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n${OK}`],
    [
      "101 that nobody asked for",
      "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    ],
  ] as const) {
    it(`refuses ${name}`, () => {
      const { codec, seen } = readResponse("GET", text);
      assert.deepEqual([seen.messages.length, seen.errors.length, codec.reusable], [0, 1, false]);
    });
  }

  it("drops the length with allowChunkedLength, and does not go on", () => {
    const text =
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
    const { codec, seen } = readResponse("GET", text, false, { allowChunkedLength: true });
    assert.deepEqual(
      [seen.messages[0]!.body, seen.messages[0]!.headers.size, codec.reusable],
      ["hi", 0, false],
    );
  });
});

describe("responses without a body", () => {
  for (const [method, head] of [
    ["HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 99"],
    ["HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"],
    ["HEAD", "HTTP/1.1 200 OK"],
    ["GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 99"],
    ["GET", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked"],
    ["GET", "HTTP/1.1 204 No Content"],
    ["GET", "HTTP/1.1 204 No Content\r\nContent-Length: 0"],
    ["GET", "HTTP/1.1 200 OK\r\nContent-Length: 0"],
  ] as const) {
    it(`${method}, ${JSON.stringify(head)}`, () => {
      const { codec, seen } = readResponse(method, `${head}\r\n\r\n`);
      assert.deepEqual(
        [seen.messages[0]!.ended, seen.errors.length, codec.reusable],
        [true, 0, true],
      );
    });
  }

  it("a 204 loses its length", () => {
    const { seen } = readResponse("GET", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n");
    assert.equal(seen.messages[0]!.headers.size, 0);
  });

  it("bytes behind a HEAD response make the connection useless", () => {
    const { codec, seen, left } = readResponse("HEAD", OK);
    assert.deepEqual(
      [seen.messages[0]!.ended, seen.messages[0]!.body, left, codec.reusable],
      [true, "", 2, false],
    );
  });
});

describe("the end of the connection", () => {
  it("ends a body without length", () => {
    for (const version of ["1.0", "1.1"]) {
      const { codec, seen } = readResponse("GET", `HTTP/${version} 200 OK\r\n\r\nhi`, true);
      assert.deepEqual(
        [seen.messages[0]!.body, seen.messages[0]!.ended, codec.reusable],
        ["hi", true, false],
      );
    }
    assert.equal(readResponse("GET", "HTTP/1.1 200 OK\r\n\r\nhi").seen.messages[0]!.ended, false);
  });

  for (const text of [
    "HTTP/1.1 200 OK\r\nContent-",
    "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
  ]) {
    it(`is premature behind ${JSON.stringify(text)}`, () => {
      const { codec, seen } = readResponse("GET", text, true);
      assert.deepEqual(
        seen.errors.map((error) => error.code),
        ["http1.premature_close"],
      );
      assert.notEqual(seen.messages[0]?.ended, true);
      assert.equal(codec.reusable, false);
    });
  }

  it("before the first byte is no error of the protocol", () => {
    const { codec, seen } = readResponse("GET", "", true);
    assert.deepEqual([seen.errors.length, seen.messages.length, codec.reusable], [0, 0, false]);
  });

  it("after a response is nothing, but the connection is gone", () => {
    const { codec, seen } = readResponse("GET", OK, true);
    assert.deepEqual([seen.errors.length, codec.reusable], [0, false]);
  });

  it("makes no error twice", () => {
    const { codec, seen } = readResponse("GET", "garbage\r\n\r\n", true);
    codec.finish();
    assert.equal(seen.errors.length, 1);
  });
});

describe("keeping the connection", () => {
  for (const [head, reusable] of [
    ["HTTP/1.1 200 OK\r\nConnection: close", false],
    ["HTTP/1.1 200 OK\r\nConnection: foo, Close", false],
    ["HTTP/1.1 200 OK\r\nConnection: keep-alive", true],
    ["HTTP/1.0 200 OK", false],
    ["HTTP/1.0 200 OK\r\nConnection: keep-alive", true],
    ["HTTP/1.2 200 OK", true],
  ] as const) {
    it(JSON.stringify(head), () => {
      assert.equal(
        readResponse("GET", `${head}\r\nContent-Length: 0\r\n\r\n`).codec.reusable,
        reusable,
      );
    });
  }

  it("not when the request asked to close", () => {
    assert.equal(
      readResponse("GET", OK, false, {}, [], ["connection", "close"]).codec.reusable,
      false,
    );
  });

  it("not with bytes behind the response, which are no answer to the next request", () => {
    for (const extra of ["X", OK]) {
      const { codec, seen, left } = readResponse("GET", OK + extra);
      assert.deepEqual([seen.messages.length, left, codec.reusable], [1, extra.length, false]);
      assert.equal(codec.hasExtraBytes, true);
    }
    assert.equal(readResponse("GET", OK).codec.hasExtraBytes, false);
  });

  it("says who asked for the close", () => {
    const asks = (text: string): boolean => readResponse("GET", text).codec.response.asksToClose;
    assert.equal(asks("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), true);
    assert.equal(asks("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"), true);
    const kept = "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n";
    assert.equal(asks(kept), false);
    assert.equal(asks("HTTP/1.1 200 OK\r\n\r\n"), false, "the framing does, not the upstream");
  });

  it("not with bytes while no request waits", () => {
    const { codec, seen } = readResponse("GET", OK);
    assert.equal(codec.execute(Buffer.from(OK), 0, OK.length), 0);
    assert.deepEqual([seen.errors[0]?.code, codec.reusable], ["http1.unsolicited_response", false]);
  });

  it("not before the request is written", () => {
    const { codec, sink, seen } = readResponse("GET", OK);
    codec.encodeHeaders(sink, requestMap("POST"), false);
    codec.execute(Buffer.from(OK), 0, OK.length);
    assert.deepEqual([seen.messages.length, codec.reusable], [2, false]);
    codec.encodeData(sink, Buffer.alloc(0), true);
    assert.equal(codec.reusable, true);
  });
});

describe("informational responses", () => {
  it("come before the final one", () => {
    const { codec, seen } = readResponse(
      "GET",
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 105 Unheard Of\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`,
    );
    assert.deepEqual(
      seen.interim.map((headers) => headers.status),
      [100, 103],
    );
    assert.deepEqual(seen.interim[1]!.entries, ["link", "</a>"]);
    assert.deepEqual(
      [seen.messages.length, seen.messages[0]!.body, codec.reusable],
      [1, "hi", true],
    );
  });

  it("are limited: maxInterimResponses", () => {
    const interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
    const options = { maxInterimResponses: 3 };
    assert.equal(
      readResponse("GET", interim.repeat(3) + OK, false, options).seen.messages.length,
      1,
    );
    const { seen } = readResponse("GET", interim.repeat(4) + OK, false, options);
    assert.deepEqual(
      [seen.errors[0]?.code, seen.interim.length],
      ["http1.too_many_interim_responses", 3],
    );
  });
});
