import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Http2Stream, ServerHttp2Stream } from "node:http2";
import { test } from "node:test";
import { CLIENT_PREFACE, FrameType, GET, headers, OK } from "@nuncio/codec/testing/http2-frames";
import {
  ask,
  responseOf,
  startFrameHost,
  startHttp2Rig,
  WIDE,
} from "../../../testing/http2-rig.ts";
import { turns, turnsUntil } from "../../../testing/turns.ts";

const MIB = 1024 * 1024;
const TOTAL_BYTES = 16 * MIB;
const PIECE_BYTES = 64 * 1024;

/** Sends a known text as fast as it is taken. */
class Sender {
  sentBytes = 0;
  readonly #stream: Http2Stream;
  readonly #hash = createHash("sha256");

  constructor(stream: Http2Stream) {
    this.#stream = stream;
    stream.on("drain", () => this.#send());
    this.#send();
  }

  get digest(): string {
    return this.#hash.copy().digest("hex");
  }

  #send(): void {
    while (this.sentBytes < TOTAL_BYTES) {
      const piece = Buffer.alloc(PIECE_BYTES, this.sentBytes / PIECE_BYTES);
      this.sentBytes += piece.length;
      this.#hash.update(piece);
      if (this.sentBytes === TOTAL_BYTES) this.#stream.end(piece);
      else if (!this.#stream.write(piece)) return;
    }
  }
}

async function digestOf(stream: Http2Stream): Promise<string> {
  const hash = createHash("sha256");
  stream.on("data", (data: Buffer) => hash.update(data));
  await new Promise<void>((resolve) => stream.once("end", resolve));
  return hash.digest("hex");
}

/** Until nobody sends any more. */
async function untilStuck(sender: Sender): Promise<void> {
  let before = -1;
  while (before !== sender.sentBytes) {
    before = sender.sentBytes;
    await turns(300);
  }
}

void test("a client that does not read stops the origin, and gets everything when it reads on", async (t) => {
  let sender: Sender | null = null;
  const { session, proxy } = await startHttp2Rig(t, {
    answer(stream) {
      stream.respond({ ":status": 200 });
      sender = new Sender(stream);
    },
    upstreamHttp2: "initial_stream_window_size: 65535, initial_connection_window_size: 65535",
  });
  const response = ask(session());
  const sent = (): Sender => sender!;
  await turnsUntil(() => sender !== null);
  await untilStuck(sent());
  assert.equal(proxy.stat("cluster.origin.upstream_flow_control_paused_reading_total"), 1);
  // What a stream may hold back, and what Node does.
  assert.ok(sent().sentBytes < 4 * MIB, String(sent().sentBytes));
  assert.equal(await digestOf(response), sent().digest);
  assert.equal(sent().sentBytes, TOTAL_BYTES);
  assert.equal(proxy.stat("cluster.origin.upstream_flow_control_resumed_reading_total"), 1);
  assert.equal(proxy.stat("http2.pending_send_bytes"), 0);
});

void test("an origin that does not read stops the client, and gets everything when it reads on", async (t) => {
  const open: ServerHttp2Stream[] = [];
  const { session, proxy } = await startHttp2Rig(t, {
    answer: (stream) => open.push(stream),
    hcm: `http2_protocol_options: { initial_stream_window_size: 65535, initial_connection_window_size: 65535 }`,
  });
  const request = ask(session(), { ":method": "POST" }, false);
  const sender = new Sender(request);
  await turnsUntil(() => open.length > 0);
  await untilStuck(sender);
  assert.equal(proxy.stat("http.in.downstream_flow_control_paused_reading_total"), 1);
  assert.ok(sender.sentBytes < 4 * MIB, String(sender.sentBytes));
  assert.equal(await digestOf(open[0]!), sender.digest);
  assert.equal(sender.sentBytes, TOTAL_BYTES);
  assert.equal(proxy.stat("http.in.downstream_flow_control_resumed_reading_total"), 1);
});

void test("a stream that waits for its client holds up no other", async (t) => {
  const { session } = await startHttp2Rig(t, {
    answer(stream, { ":path": path }) {
      stream.respond({ ":status": 200 });
      if (path === "/long") stream.end(Buffer.alloc(4 * MIB));
      else stream.end("short");
    },
  });
  const client = session({ initialWindowSize: 1000 });
  const long = ask(client, { ":path": "/long" });
  await turnsUntil(() => long.readableLength > 0);
  for (let i = 0; i < 5; i++) {
    const short = ask(client, { ":path": "/short" });
    assert.equal(await digestOf(short), createHash("sha256").update("short").digest("hex"));
  }
  long.close();
});

void test("a request of a client that reads nothing makes its origin wait from the start", async (t) => {
  const senders: Sender[] = [];
  const { peer, proxy } = await startHttp2Rig(t, {
    answer(stream) {
      stream.respond({ ":status": 200 });
      senders.push(new Sender(stream));
    },
    upstreamHttp2: "initial_stream_window_size: 65535, initial_connection_window_size: 65535000",
  });
  const client = peer();
  client.socket.pause();
  client.send(CLIENT_PREFACE + WIDE + headers(1, GET));
  await turnsUntil(() => senders.length === 1);
  await untilStuck(senders[0]!);
  client.send(headers(3, GET));
  await turnsUntil(() => senders.length === 2);
  await untilStuck(senders[1]!);
  assert.ok(senders[1]!.sentBytes < MIB, String(senders[1]!.sentBytes));
  client.socket.resume();
  await client.until(() => client.dataBytes === 2 * TOTAL_BYTES);
  assert.equal(client.dataBytes, 2 * TOTAL_BYTES);
  const count = (what: string): number =>
    proxy.stat(`cluster.origin.upstream_flow_control_${what}_reading_total`)!;
  await turnsUntil(() => count("resumed") >= count("paused"));
  assert.equal(count("resumed"), count("paused"));
});

void test("a request to an origin that reads nothing waits from the start, and is let go once", async (t) => {
  const { originPort, peers } = await startFrameHost(t, WIDE);
  const { session, proxy } = await startHttp2Rig(t, { originPort });
  const client = session();
  const first = ask(client, { ":method": "POST" }, false);
  await turnsUntil(() => peers[0]?.frames[FrameType.Headers] === 1);
  const [host] = peers;
  host!.socket.pause();
  const sender = new Sender(first);
  await untilStuck(sender);
  const count = (what: string): number | undefined =>
    proxy.stat(`http.in.downstream_flow_control_${what}_reading_total`);
  assert.equal(count("paused"), 1);
  const second = responseOf(ask(client));
  await turnsUntil(() => proxy.stat("cluster.origin.upstream_rq_active") === 2);
  assert.equal(count("paused"), 2);
  host!.socket.resume();
  await host!.until(() => host!.dataBytes === TOTAL_BYTES);
  host!.send(headers(3, OK));
  assert.equal((await second).status, 200);
  // The first one may have been made to wait again meanwhile.
  await turnsUntil(() => count("resumed")! >= count("paused")!);
  assert.equal(count("resumed"), count("paused"));
});
