import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageReader } from "./message-reader.ts";

const STREAM =
  "HTTP/1.1 100 Continue\r\n\r\n" +
  "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n" +
  "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi" +
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-T: 1\r\n\r\n" +
  "HTTP/1.0 200 OK\r\n\r\nto the end";

test("cuts responses alike whatever the pieces", () => {
  for (const size of [1, 2, 7, 1000]) {
    const reader = new MessageReader("response", ["HEAD", "GET", "GET", "GET"]);
    const bytes = Buffer.from(STREAM, "latin1");
    for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
    assert.equal(reader.finalCount, 3);
    reader.end();
    assert.equal(reader.finalCount, 4);
    assert.deepEqual(
      reader.messages.map((message) => [
        message.framing,
        message.body.toString(),
        message.trailers,
      ]),
      [
        ["none", "", []],
        ["none", "", []],
        ["content-length", "hi", []],
        ["chunked", "abcde", [["X-T", "1"]]],
        ["until-close", "to the end", []],
      ],
    );
  }
});

test("keeps what is no message", () => {
  const reader = new MessageReader("request");
  reader.push(Buffer.from("GET / HTTP/1.1\r\nA: b\r\n\r\nGET"));
  assert.equal(reader.finalCount, 1);
  assert.equal(reader.rest.toString(), "GET");
});

test("an unfinished body is kept and not complete", () => {
  const reader = new MessageReader("response", ["GET"]);
  reader.push(Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe"));
  reader.end();
  assert.equal(reader.finalCount, 0);
  assert.equal(reader.messages[0]?.body.toString(), "he");
});

test("leaves a tunnel's bytes alone", () => {
  const connect = new MessageReader("response", ["CONNECT"]);
  connect.push(Buffer.from("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 bytes\r\n\r\n"));
  assert.deepEqual(
    [connect.messages.length, connect.finalCount, connect.rest.toString()],
    [1, 1, "HTTP/1.1 bytes\r\n\r\n"],
  );
  const upgrade = new MessageReader("request");
  upgrade.push(
    Buffer.from("GET / HTTP/1.1\r\nUpgrade: x\r\nTransfer-Encoding: chunked\r\n\r\nraw"),
  );
  assert.deepEqual([upgrade.finalCount, upgrade.rest.toString()], [1, "raw"]);
});
