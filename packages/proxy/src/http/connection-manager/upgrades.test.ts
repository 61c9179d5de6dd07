import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { assertHeldBack } from "../../testing/held-back.ts";
import { startHttpRig } from "../../testing/http-rig.ts";
import type { OriginConnection } from "../../testing/origin.ts";
import { turns, turnsUntil } from "../../testing/turns.ts";

const ASK = "GET /ws HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n";
const ACCEPT =
  "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n";
/** The default of per_connection_buffer_limit_bytes. */
const LIMIT_BYTES = 1024 * 1024;
const HCM = "upgrade_configs: [{ upgrade_type: websocket }]";
/** RFC 6455 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Accepts with the head, and sends every later byte back. */
function echo(): (connection: OriginConnection) => void {
  const seen = new WeakMap<OriginConnection, number>();
  return (connection) => {
    const { received, socket } = connection;
    const head = received.indexOf("\r\n\r\n") + 4;
    if (head < 4) return;
    if (!seen.has(connection)) socket.write(ACCEPT);
    const from = seen.get(connection) ?? head;
    seen.set(connection, received.length);
    if (received.length > from) socket.write(Buffer.from(received.slice(from), "latin1"));
  };
}

void test("bytes pass both ways, those that came with the request too, until a side closes", async (t) => {
  const { client, origin, proxy } = await startHttpRig(t, { hcm: HCM, answer: echo() });
  const peer = client().send(`${ASK}early`);
  await peer.until((text) => text.endsWith("early"));
  peer.send("GET / HTTP/1.1\r\n\r\n");
  const text = await peer.until((received) =>
    received.endsWith("\r\n\r\nearlyGET / HTTP/1.1\r\n\r\n"),
  );
  assert.match(
    text,
    /^HTTP\/1\.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n/,
  );
  assert.match(
    origin.connections[0]!.received,
    /\r\nconnection: Upgrade\r\nupgrade: websocket\r\n/,
  );
  assert.equal(proxy.stat("http.in.downstream_cx_upgrades_active"), 1);
  peer.close();
  await turnsUntil(() => proxy.stat("cluster.origin.upstream_cx_active") === 0);
  assert.deepEqual(
    [
      proxy.stat("http.in.downstream_cx_upgrades_total"),
      proxy.stat("http.in.downstream_cx_upgrades_active"),
      proxy.stat("http.in.downstream_rq_active"),
    ],
    [1, 0, 0],
  );
});

void test("a real WebSocket client talks through it", async (t) => {
  const { proxy } = await startHttpRig(t, {
    hcm: HCM,
    answer({ socket, received }) {
      const key = /sec-websocket-key: (\S+)/.exec(received)?.[1];
      const head = received.indexOf("\r\n\r\n") + 4;
      if (key === undefined || head < 4) return;
      if (received.length === head) {
        const accept = createHash("sha1").update(`${key}${GUID}`).digest("base64");
        socket.write(`${ACCEPT.slice(0, -2)}sec-websocket-accept: ${accept}\r\n\r\n`);
        return;
      }
      // One masked text frame of five bytes comes; it goes back unmasked.
      const frame = Buffer.from(received.slice(head), "latin1");
      if (frame.length !== 11) return;
      const text = frame.subarray(6).map((byte, index) => byte ^ frame[2 + (index & 3)]!);
      socket.write(Buffer.concat([Buffer.from([0x81, 5]), text]));
    },
  });
  const socket = new WebSocket(`ws://127.0.0.1:${proxy.port("main")}/chat`);
  const answer = new Promise<unknown>((resolve, reject) => {
    socket.addEventListener("message", ({ data }) => resolve(data));
    socket.addEventListener("error", () => reject(new Error("the WebSocket failed")));
  });
  socket.addEventListener("open", () => socket.send("hello"));
  assert.equal(await answer, "hello");
  socket.close();
});

for (const side of ["client", "upstream"] as const) {
  void test(`an end that does not read, the ${side}, stops the other end's sender`, async (t) => {
    let accepted = false;
    const { client, origin, proxy } = await startHttpRig(t, {
      hcm: HCM,
      cluster: "per_connection_buffer_limit_bytes: 65536",
      answer({ socket, received }) {
        if (accepted || !received.endsWith("\r\n\r\n")) return;
        accepted = true;
        socket.pause();
        socket.write(ACCEPT);
      },
    });
    const peer = client().send(ASK);
    await peer.until((text) => text.includes("\r\n\r\n"));
    const upstream = origin.connections[0]!.socket;
    const [sender, receiver] =
      side === "client" ? [upstream, peer.socket] : [peer.socket, upstream];
    const paused =
      side === "client"
        ? "cluster.origin.upstream_flow_control_paused_reading_total"
        : "cluster.origin.upstream_flow_control_backed_up_total";
    await assertHeldBack(sender, receiver, 64 * LIMIT_BYTES, () => proxy.stat(paused)! > 0);
  });
}

void test("bytes before the 101 wait, as many as the buffer's limit lets in", async (t) => {
  let accept = (): void => {};
  const { client, origin, proxy } = await startHttpRig(t, {
    hcm: HCM,
    answer({ socket, received }) {
      if (received.endsWith("\r\n\r\n")) accept = () => void socket.write(ACCEPT);
    },
  });
  const early = Buffer.alloc(8 * LIMIT_BYTES, "e");
  client().send(ASK).socket.write(early);
  const received = (): number => proxy.stat("http.in.downstream_cx_rx_bytes_total")!;
  await turnsUntil(() => received() > LIMIT_BYTES && origin.connections.length === 1);
  await turns(100);
  assert.ok(received() < 2 * LIMIT_BYTES, "the client is stopped");
  const head = origin.connections[0]!.received.length;
  accept();
  await turnsUntil(() => origin.connections[0]!.received.length === head + early.length);
});

void test("an upgrade that nothing allows is refused, and the connection closes", async (t) => {
  const { client, origin, proxy } = await startHttpRig(t);
  const text = await client().send(ASK).untilEnd();
  assert.match(text, /^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*\r\nconnection: close\r\n/);
  assert.equal(proxy.stat("http.in.downstream_rq_ws_on_non_ws_route"), 1);
  assert.equal(origin.connections.length, 0);
});

const CONNECT = {
  match: "connect_matcher: {}",
  hcm: "upgrade_configs: [{ upgrade_type: CONNECT }]",
} as const;

void test("a CONNECT is forwarded as one, and its bytes wait for the 200", async (t) => {
  const { client, origin } = await startHttpRig(t, {
    ...CONNECT,
    answer({ socket, received }) {
      if (received.endsWith("\r\n\r\n")) socket.write("HTTP/1.1 200 OK\r\n\r\n");
      else if (received.endsWith("early")) socket.write("late");
    },
  });
  const peer = client().send("CONNECT b.test:443 HTTP/1.1\r\n\r\nearly");
  const text = await peer.until((received) => received.endsWith("late"));
  assert.match(text, /^HTTP\/1\.1 200 OK\r\ndate: [^\r]+\r\nserver: envoy\r\n\r\nlate$/);
  assert.match(
    origin.connections[0]!.received,
    /^CONNECT b\.test:443 HTTP\/1\.1\r\nhost: b\.test:443\r\n/,
  );
});

void test("a CONNECT ends here with connect_config: the host sees its bytes and nothing else", async (t) => {
  const { client, origin, proxy } = await startHttpRig(t, {
    ...CONNECT,
    route: ", upgrade_configs: [{ upgrade_type: CONNECT, connect_config: {} }]",
    answer: ({ socket, received }) => void socket.write(`got ${received}`),
  });
  const peer = client().send("CONNECT b.test:443 HTTP/1.1\r\n\r\nearly");
  const text = await peer.until((received) => received.endsWith("got early"));
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
  origin.connections[0]!.socket.end();
  await peer.untilEnd();
  await turnsUntil(() => proxy.stat("cluster.origin.upstream_cx_active") === 0);
  assert.equal(origin.connections[0]!.received, "early");
});

void test("the host of a tunnel is told by the PROXY protocol who the client is", async (t) => {
  const config = "connect_config: { proxy_protocol_config: { version: V1 } }";
  const { client, origin, proxy } = await startHttpRig(t, {
    ...CONNECT,
    route: `, upgrade_configs: [{ upgrade_type: CONNECT, ${config} }]`,
    answer: ({ socket, received }) => {
      if (received.endsWith("early")) socket.write("late");
    },
  });
  const peer = client().send("CONNECT b.test:443 HTTP/1.1\r\n\r\nearly");
  await peer.until((received) => received.endsWith("late"));
  const ports = `${peer.socket.localPort} ${proxy.port("main")}`;
  assert.equal(origin.connections[0]!.received, `PROXY TCP4 127.0.0.1 127.0.0.1 ${ports}\r\nearly`);
});

void test("with allow_post the body of a POST goes there, too, and its end is a half close", async (t) => {
  const { client, origin } = await startHttpRig(t, {
    route: ", upgrade_configs: [{ upgrade_type: CONNECT, connect_config: { allow_post: true } }]",
    answer: ({ socket, received }) => {
      if (received === "hello") socket.write("bye");
    },
  });
  const peer = client().send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello");
  const text = await peer.until((received) => received.endsWith("0\r\n\r\n"));
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n[\s\S]*transfer-encoding: chunked\r\n\r\n3\r\nbye\r\n/);
  assert.equal(origin.connections[0]!.received, "hello");
});

void test("without a CONNECT route there is no answer but 404, and a close", async (t) => {
  const { client, origin } = await startHttpRig(t, { hcm: CONNECT.hcm });
  const text = await client().send("CONNECT b.test:443 HTTP/1.1\r\n\r\n").untilEnd();
  assert.match(text, /^HTTP\/1\.1 404 Not Found\r\n[\s\S]*\r\nconnection: close\r\n/);
  assert.equal(origin.connections.length, 0);
});
