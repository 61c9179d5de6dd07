import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { HeaderMap } from "../header-map.ts";
import { Http1ClientCodec } from "./client-codec.ts";
import { http1Options } from "./options.ts";
import { Http1ServerCodec } from "./server-codec.ts";
import { readRequests, readResponse, requestMap, responseMap } from "./testing/drive.ts";
import { RecordingCallbacks, RecordingSink } from "./testing/recorders.ts";

const HOST = "Host: a.test\r\n";
const UPGRADE = `GET /ws HTTP/1.1\r\n${HOST}Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n`;
const SWITCH =
  "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";

describe("the server's side of an upgrade", () => {
  it("says what is asked for, and takes nothing until it is decided", () => {
    const { codec, seen, left } = readRequests(`${UPGRADE}frames`);
    assert.deepEqual(
      [codec.request.upgrade, seen.messages[0]!.ended, left],
      ["websocket", false, 6],
    );
    assert.equal(seen.messages[0]!.body, "");
  });

  it("passes bytes once accepted, until the client closes", () => {
    const { codec, seen } = readRequests(UPGRADE);
    const sink = new RecordingSink();
    codec.encodeHeaders(
      sink,
      responseMap(101, ["connection", "upgrade", "upgrade", "websocket"]),
      false,
    );
    assert.equal(sink.text, SWITCH);
    codec.acceptUpgrade();
    const frames = Buffer.from("GET / not a request\r\n\r\n");
    assert.equal(codec.execute(frames, 0, frames.length), frames.length);
    codec.encodeData(sink, Buffer.from("raw"), false);
    codec.finish();
    assert.deepEqual([seen.messages[0]!.body, seen.messages[0]!.ended], [frames.toString(), true]);
    assert.deepEqual([sink.text.slice(SWITCH.length), codec.keepAlive], ["raw", false]);
  });

  it("goes on with HTTP when refused: the bytes behind stay requests", () => {
    const { codec, seen } = readRequests(UPGRADE);
    const sink = new RecordingSink();
    codec.encodeHeaders(sink, responseMap(400), true);
    codec.nextRequest();
    const next = Buffer.from(`GET /next HTTP/1.1\r\n${HOST}\r\n`);
    codec.execute(next, 0, next.length);
    assert.deepEqual(
      [seen.messages[1]!.headers.path, codec.request.upgrade, codec.keepAlive],
      ["/next", "", true],
    );
  });

  for (const [name, lines] of [
    ["without `connection: upgrade`", "Upgrade: websocket\r\n"],
    ["without `upgrade`", "Connection: upgrade\r\n"],
    ["to h2c", "Connection: upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n"],
  ] as const) {
    it(`is none ${name}`, () => {
      const { codec, seen } = readRequests(`GET / HTTP/1.1\r\n${HOST}${lines}\r\n`);
      assert.deepEqual([codec.request.upgrade, seen.messages[0]!.ended], ["", true]);
      assert.equal(codec.request.hasHopByHop, true);
    });
  }

  for (const framing of ["Content-Length: 5", "Transfer-Encoding: chunked"]) {
    it(`takes a body for the other protocol's: ${framing}`, () => {
      const { codec, seen, left } = readRequests(
        `POST / HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: foo\r\n${framing}\r\n\r\nhello`,
      );
      assert.deepEqual([codec.request.upgrade, seen.messages[0]!.ended, left], ["foo", false, 5]);
      codec.acceptUpgrade();
      codec.execute(Buffer.from("hello"), 0, 5);
      assert.equal(seen.messages[0]!.body, "hello");
    });
  }

  it("may ask for nothing in particular, which is no protocol that anybody allows", () => {
    const { codec } = readRequests(
      `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade:\r\n\r\n`,
    );
    assert.deepEqual([codec.request.asksForUpgrade, codec.request.upgrade], [true, ""]);
  });

  for (const [asked, left] of [
    ["TLS/1.2", null],
    ["TLS/1.2, TLS/1.3", null],
    ["tls/1.2", "tls/1.2"],
    ["TLS/1.2 , WebSocket", "WebSocket"],
    ["", ""],
  ] as const) {
    it(`leaves out what is ignored: ${asked || "an empty value"}`, () => {
      const ignoresUpgrade = (token: string): boolean => token.startsWith("TLS/");
      const { codec, seen } = readRequests(
        `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: ${asked}\r\n\r\n`,
        { ignoresUpgrade },
      );
      assert.deepEqual(
        [codec.request.asksForUpgrade, codec.request.upgrade, seen.messages[0]!.ended],
        [left !== null, left?.toLowerCase() ?? "", left === null],
      );
      if (left !== null) assert.equal(seen.messages[0]!.headers.get("upgrade"), left);
    });
  }
});

describe("the client's side of an upgrade", () => {
  const asked = ["connection", "upgrade", "upgrade", "websocket"];

  it("writes no framing, and passes bytes after 101", () => {
    const { codec, seen, sink } = readResponse("GET", `${SWITCH}raw`, true, {}, [], asked);
    assert.equal(
      sink.text,
      "GET /x HTTP/1.1\r\nhost: a.test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    );
    assert.deepEqual(
      [seen.messages[0]!.headers.status, seen.messages[0]!.body, seen.messages[0]!.ended],
      [101, "raw", true],
    );
    assert.deepEqual([codec.upgraded, codec.reusable], [true, false]);
    codec.encodeData(sink, Buffer.from("frames"), false);
    assert.ok(sink.text.endsWith("\r\n\r\nframes"));
  });

  it("writes nothing before the switch", () => {
    const { codec, sink } = readResponse("GET", "", false, {}, [], asked);
    assert.throws(
      () => codec.encodeData(sink, Buffer.from("GET /smuggled"), false),
      /expected a switch of protocols/,
    );
    assert.ok(!sink.text.includes("smuggled"));
  });

  it("goes on with HTTP when refused", () => {
    const { codec, seen } = readResponse(
      "GET",
      "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
      false,
      {},
      [],
      asked,
    );
    assert.deepEqual(
      [seen.messages[0]!.headers.status, codec.upgraded, codec.reusable],
      [403, false, true],
    );
  });

  it("is not usable again before the owner ended the request", () => {
    const codec = new Http1ClientCodec(new RecordingCallbacks(), http1Options({}));
    const sink = new RecordingSink();
    codec.encodeHeaders(sink, requestMap("GET", asked), false);
    const refused = Buffer.from("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    codec.execute(refused, 0, refused.length);
    assert.equal(codec.reusable, false);
    codec.encodeData(sink, Buffer.alloc(0), true);
    assert.equal(codec.reusable, true);
  });

  it("knows that an answer to HEAD has no body", () => {
    const refused = "HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\n";
    const { codec, seen } = readResponse("HEAD", refused, false, {}, [], asked);
    assert.deepEqual([seen.messages[0]!.ended, codec.reusable], [true, true]);
    assert.equal(readResponse("HEAD", `${SWITCH}raw`, false, {}, [], asked).codec.upgraded, true);
  });

  it("forgets the switch with the next request", () => {
    const { codec, sink } = readResponse("GET", SWITCH, true, {}, [], asked);
    codec.encodeHeaders(sink, requestMap("GET"), true);
    assert.equal(codec.upgraded, false);
  });
});

describe("CONNECT", () => {
  it("tunnels after 2xx, without framing fields on either side", () => {
    const { codec, seen, sink } = readResponse(
      "CONNECT",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nraw",
    );
    assert.equal(sink.text, "CONNECT a.test HTTP/1.1\r\nhost: a.test\r\n\r\n");
    assert.deepEqual(
      [codec.upgraded, seen.messages[0]!.body, seen.messages[0]!.headers.size],
      [true, "raw", 0],
    );

    const server = readRequests(`CONNECT b.test:1 HTTP/1.1\r\n\r\n`);
    const out = new RecordingSink();
    server.codec.encodeHeaders(
      out,
      responseMap(200, ["content-length", "5", "transfer-encoding", "chunked"]),
      false,
    );
    server.codec.acceptUpgrade();
    server.codec.encodeData(out, Buffer.from("raw"), false);
    assert.equal(out.text, "HTTP/1.1 200 OK\r\n\r\nraw");
    server.codec.execute(Buffer.from("up"), 0, 2);
    assert.equal(server.seen.messages[0]!.body, "up");
  });

  for (const [status, line] of [
    [200, ""],
    [204, "connection: close\r\n"],
  ] as const) {
    it(`says with ${status} ${line === "" ? "nothing of" : "that it ends"} the connection`, () => {
      const server = readRequests(`CONNECT b.test:1 HTTP/1.1\r\n\r\n`);
      const out = new RecordingSink();
      server.codec.encodeHeaders(out, responseMap(status), false);
      assert.ok(out.text.endsWith(`\r\n${line}\r\n`), out.text);
      assert.equal(out.text.includes("connection"), line !== "");
    });
  }

  it("has an ordinary response when refused", () => {
    const { codec, seen } = readResponse(
      "CONNECT",
      "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno",
    );
    assert.deepEqual(
      [codec.upgraded, seen.messages[0]!.body, seen.messages[0]!.ended],
      [false, "no", true],
    );
  });
});

describe("a tunnel passes every byte, wherever reads cut it", () => {
  const payload = fc
    .uint8Array({ minLength: 1, maxLength: 200 })
    .map((bytes) => Buffer.from(bytes));
  const cuts = fc
    .uniqueArray(fc.nat(400), { maxLength: 12 })
    .map((places) => places.toSorted((a, b) => a - b));

  for (const head of [
    UPGRADE,
    UPGRADE.replace("\r\n\r\n", "\r\nContent-Length: 7\r\n\r\n"),
    UPGRADE.replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n"),
    "CONNECT b.test:1 HTTP/1.1\r\n\r\n",
  ]) {
    it(`from the client, behind ${JSON.stringify(head.split("\r\n").at(-3))}`, () => {
      fc.assert(
        fc.property(payload, cuts, (bytes, places) => {
          const seen = new Accepting();
          const codec = new Http1ServerCodec(seen, http1Options({}));
          seen.codec = codec;
          feedPieces(codec, Buffer.concat([Buffer.from(head, "latin1"), bytes]), places);
          assert.equal(seen.messages[0]!.body, bytes.toString("latin1"));
          assert.deepEqual(seen.errors, []);
        }),
        { numRuns: 200 },
      );
    });
  }

  for (const [method, asked, head] of [
    ["GET", ["connection", "upgrade", "upgrade", "websocket"], SWITCH],
    ["CONNECT", [], "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ["CONNECT", [], "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n"],
  ] as const) {
    it(`from the upstream, behind ${head.slice(9, 12)} to ${method}`, () => {
      fc.assert(
        fc.property(payload, cuts, (bytes, places) => {
          const seen = new RecordingCallbacks();
          const codec = new Http1ClientCodec(seen, http1Options({}));
          codec.encodeHeaders(new RecordingSink(), requestMap(method, asked), false);
          feedPieces(codec, Buffer.concat([Buffer.from(head, "latin1"), bytes]), places);
          assert.deepEqual(
            [seen.messages[0]!.body, codec.upgraded],
            [bytes.toString("latin1"), true],
          );
          assert.deepEqual(seen.errors, []);
        }),
        { numRuns: 200 },
      );
    });
  }
});

/** Accepts whatever is asked for, as soon as it is asked for. */
class Accepting extends RecordingCallbacks {
  codec: Http1ServerCodec | null = null;

  override onHeaders(headers: HeaderMap, endStream: boolean): void {
    super.onHeaders(headers, endStream);
    this.codec!.acceptUpgrade();
  }
}

function feedPieces(
  codec: Http1ServerCodec | Http1ClientCodec,
  bytes: Buffer,
  places: readonly number[],
): void {
  let at = 0;
  for (const place of [...places, bytes.length]) {
    const end = Math.min(place, bytes.length);
    if (at < end) at += codec.execute(bytes, at, end);
  }
}
