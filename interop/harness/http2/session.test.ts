import assert from "node:assert/strict";
import { once } from "node:events";
import {
  connect as connectHttp2,
  createServer as createHttp2Server,
  type ServerHttp2Stream,
} from "node:http2";
import { connect, createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import type { Field } from "./hpack.ts";
import { Http2Session } from "./session.ts";

const REQUEST: Field[] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/x"],
  [":authority", "a.test"],
];

test("the client side speaks with Node's server: Huffman, indexed fields, trailers, windows", async () => {
  const seen: string[] = [];
  const server = createHttp2Server();
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    let bytes = 0;
    stream.on("data", (data: Buffer) => (bytes += data.length));
    stream.on("end", () => {
      seen.push(`${headers[":path"]} ${String(headers["x-a"])} ${bytes}`);
      stream.additionalHeaders({ ":status": 103, link: "</x>" });
      stream.respond(
        { ":status": 200, "x-long": "abc<>{}~ \u00e9".repeat(9) },
        { waitForTrailers: true },
      );
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-t": "end" }));
      stream.end(Buffer.alloc(200_000, "y"));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const session = new Http2Session("client", {}, (bytes) => socket.write(bytes));
  socket.on("data", (data: Buffer) => session.push(data));
  for (const id of [1, 3]) {
    session.sendHeaders(id, [...REQUEST, ["x-a", "b".repeat(20_000)]], false);
    session.sendData(id, Buffer.alloc(100_000, "z"), true);
  }
  await new Promise<void>((resolve) => {
    session.onComplete = () => session.finalCount === 2 && resolve();
  });
  const answers = [...session.streams.values()].map(({ messages }) => messages);
  for (const [interim, final] of answers) {
    assert.deepEqual(interim!.headers, [
      [":status", "103"],
      ["link", "</x>"],
    ]);
    assert.equal(
      final!.headers.find(([name]) => name === "x-long")?.[1],
      "abc<>{}~ \u00e9".repeat(9),
    );
    assert.equal(final!.body.length, 200_000);
    assert.deepEqual(final!.trailers, [["x-t", "end"]]);
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 2 }, () => `/x ${"b".repeat(20_000)} 100000`),
  );
  assert.equal(session.fault, null);
  socket.destroy();
  server.close();
});

test("the server side speaks with Node's client, and sees its resets", async () => {
  const sessions: Http2Session[] = [];
  const server = createServer((socket) => {
    const session = new Http2Session("server", {}, (bytes) => socket.write(bytes));
    sessions.push(session);
    socket.on("data", (data: Buffer) => session.push(data));
    socket.on("error", () => {});
    session.onComplete = ({ id }) => {
      session.sendHeaders(id, [[":status", "200"]], false);
      session.sendData(id, Buffer.from("hello"), false);
      session.sendHeaders(id, [["x-t", "1"]], true);
    };
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const request = client.request(
    { ":path": "/a", ":method": "POST", "x-b": "c" },
    { endStream: false },
  );
  request.end("body");
  let body = "";
  const trailers: unknown[] = [];
  request.on("data", (data: Buffer) => (body += data.toString()));
  request.on("trailers", (fields: { [name: string]: unknown }) => trailers.push(fields["x-t"]));
  await once(request, "end");
  assert.deepEqual([body, trailers], ["hello", ["1"]]);
  const other = client.request({ ":path": "/b", ":method": "POST" }, { endStream: false });
  other.on("error", () => {});
  const [session] = sessions;
  await new Promise<void>((resolve) => {
    session!.onHead = () => resolve();
  });
  other.close(8);
  await once(other, "close");
  await new Promise<void>((resolve) => client.ping(() => resolve()));
  assert.equal(session!.messages[0]!.body.toString(), "body");
  assert.deepEqual(
    [...session!.streams.values()].map(({ reset }) => reset),
    [null, "CANCEL"],
  );
  client.destroy();
  server.close();
});
