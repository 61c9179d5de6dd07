import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { test, type TestContext } from "node:test";
import { clusterYaml, httpBootstrap, ROUTER_FILTER } from "../../../testing/bootstrap.ts";
import { assertHeldBack } from "../../../testing/held-back.ts";
import { startHttpRig, type HttpRig } from "../../../testing/http-rig.ts";
import type { OriginConnection } from "../../../testing/origin.ts";
import { startProxy } from "../../../testing/proxy.ts";
import { turnsUntil } from "../../../testing/turns.ts";

const MIB = 1024 * 1024;
const WAIT = { timeout: 60_000 };
const HCM = `upgrade_configs: [{ upgrade_type: websocket }, { upgrade_type: CONNECT }, { upgrade_type: connect-udp }]
          http2_protocol_options: { allow_connect: true }`;
const ACCEPT =
  "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n";

async function startSession(t: TestContext, port: number): Promise<ClientHttp2Session> {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  t.after(() => session.destroy());
  // Extended CONNECT waits for the setting that allows it.
  await once(session, "remoteSettings");
  return session;
}

function ask(session: ClientHttp2Session, protocol: string, path = "/ws"): ClientHttp2Stream {
  const stream = session.request(
    {
      ":method": "CONNECT",
      ":protocol": protocol,
      ":scheme": "http",
      ":path": path,
      ":authority": "a",
    },
    { endStream: false },
  );
  stream.on("error", () => {});
  return stream;
}

async function statusOf(stream: ClientHttp2Stream): Promise<number> {
  const [headers] = (await once(stream, "response")) as [{ ":status": number }];
  return headers[":status"];
}

/** Gone, with or without an error. */
function closed(stream: ClientHttp2Stream): Promise<void> {
  return new Promise((resolve) => stream.once("close", resolve));
}

/** Reads until so many bytes came. */
function readBytes(stream: ClientHttp2Stream, count: number): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const take = (data: Buffer): void => {
      text += data.toString("latin1");
      if (text.length < count) return;
      stream.off("data", take);
      stream.pause();
      resolve(text);
    };
    stream.on("data", take);
    stream.resume();
  });
}

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

async function startWebSocketRig(
  t: TestContext,
): Promise<HttpRig & { session: ClientHttp2Session }> {
  const rig = await startHttpRig(t, { hcm: HCM, answer: echo() });
  return { ...rig, session: await startSession(t, rig.proxy.port("main")) };
}

void test("an extended CONNECT is an upgrade to HTTP/1, and its 101 a 200", WAIT, async (t) => {
  const { session, origin, proxy } = await startWebSocketRig(t);
  const stream = ask(session, "websocket");
  stream.write("early");
  assert.equal(await statusOf(stream), 200);
  assert.equal(await readBytes(stream, 5), "early");
  stream.write("more");
  assert.equal(await readBytes(stream, 4), "more");
  const { received } = origin.connections[0]!;
  assert.match(received, /^GET \/ws HTTP\/1\.1\r\n/);
  assert.match(received, /\r\nupgrade: websocket\r\nconnection: upgrade\r\n/);
  assert.equal(proxy.stat("http.in.downstream_cx_upgrades_active"), 1);
  stream.close();
  await turnsUntil(() => proxy.stat("http.in.downstream_cx_upgrades_active") === 0);
  await turnsUntil(() => proxy.stat("cluster.origin.upstream_cx_active") === 0);
  assert.deepEqual(proxy.exceptions, []);
});

void test("a tunnel ends with CONNECT_ERROR when its host does", WAIT, async (t) => {
  const { session, origin } = await startWebSocketRig(t);
  const stream = ask(session, "websocket");
  assert.equal(await statusOf(stream), 200);
  origin.connections[0]!.socket.end();
  await closed(stream);
  assert.equal(stream.rstCode, 10);
});

void test("many tunnels share a connection with requests", WAIT, async (t) => {
  const { session, proxy } = await startWebSocketRig(t);
  const streams = Array.from({ length: 20 }, () => ask(session, "websocket"));
  for (const [index, stream] of streams.entries()) stream.write(`number ${index + 10}`);
  for (const [index, stream] of streams.entries())
    assert.equal(await readBytes(stream, 9), `number ${index + 10}`);
  const plain = session.request({ ":path": "/none" });
  assert.equal(await statusOf(plain), 404);
  assert.equal(proxy.stat("http.in.downstream_cx_upgrades_active"), 20);
});

void test("what is not allowed is refused, and the client is told to go", WAIT, async (t) => {
  const { session, origin } = await startWebSocketRig(t);
  const goaway = once(session, "goaway");
  assert.equal(await statusOf(ask(session, "other")), 403);
  assert.equal((await goaway)[0], 0);
  assert.equal(origin.connections.length, 0);
});

for (const side of ["client", "upstream"] as const) {
  void test(`an end that does not read, the ${side}, stops the other`, WAIT, async (t) => {
    let accepted = false;
    const rig = await startHttpRig(t, {
      hcm: HCM,
      cluster: "per_connection_buffer_limit_bytes: 65536",
      answer({ socket, received }) {
        if (accepted || !received.endsWith("\r\n\r\n")) return;
        accepted = true;
        socket.pause();
        socket.write(ACCEPT);
      },
    });
    const session = await startSession(t, rig.proxy.port("main"));
    const stream = ask(session, "websocket");
    assert.equal(await statusOf(stream), 200);
    const upstream = rig.origin.connections[0]!.socket;
    const [sender, receiver] = side === "client" ? [upstream, stream] : [stream, upstream];
    const paused =
      side === "client"
        ? "cluster.origin.upstream_flow_control_paused_reading_total"
        : "cluster.origin.upstream_flow_control_backed_up_total";
    await assertHeldBack(sender, receiver, 128 * MIB, () => rig.proxy.stat(paused)! > 0);
  });
}

/** A proxy that ends connect-udp, before a UDP server that sends everything back. */
async function startUdpRig(
  t: TestContext,
  ip: "127.0.0.1" | "::1",
): Promise<{ session: ClientHttp2Session; close: () => void }> {
  const server = createSocket(ip === "::1" ? "udp6" : "udp4");
  t.after(() => server.close());
  server.on("message", (data, { port, address }) => server.send(data, port, address));
  server.bind(0, ip);
  await once(server, "listening");
  const cluster = clusterYaml("origin", server.address().port).replace("127.0.0.1", `"${ip}"`);
  const upgrade = "upgrade_configs: [{ upgrade_type: connect-udp, connect_config: {} }]";
  const proxy = await startProxy(
    httpBootstrap(
      `${HCM}
          http_filters: [${ROUTER_FILTER}]
          route_config: { virtual_hosts: [{ name: all, domains: ["*"], routes: [
            { match: { connect_matcher: {} }, route: { cluster: origin, ${upgrade} } }] }] }`,
      [cluster],
    ),
  );
  t.after(() => proxy.close());
  return { session: await startSession(t, proxy.port("main")), close: () => proxy.close() };
}

const TARGET = "/.well-known/masque/udp/192.0.2.6/443/";

for (const ip of ["127.0.0.1", "::1"] as const) {
  void test(`datagrams to ${ip} and back come in capsules`, WAIT, async (t) => {
    const { session } = await startUdpRig(t, ip);
    const stream = ask(session, "connect-udp", TARGET);
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    assert.equal(headers[":status"], 200);
    assert.equal(headers["capsule-protocol"], "?1");
    stream.write(Buffer.from("\x00\x06\x00hel", "latin1"));
    stream.write(Buffer.from("lo\x17\x03abc\x00\x01\x00", "latin1"));
    assert.equal(await readBytes(stream, 11), "\x00\x06\x00hello\x00\x01\x00");
  });
}

void test("a malformed capsule resets the stream, and nothing but the stream", WAIT, async (t) => {
  const { session } = await startUdpRig(t, "127.0.0.1");
  const bad = ask(session, "connect-udp", TARGET);
  const good = ask(session, "connect-udp", TARGET);
  assert.equal(await statusOf(bad), 200);
  bad.write(Buffer.from("\x00\x00", "latin1"));
  await closed(bad);
  assert.notEqual(bad.rstCode, 0);
  good.write(Buffer.from("\x00\x03\x00hi", "latin1"));
  assert.equal(await readBytes(good, 5), "\x00\x03\x00hi");
});

void test("a path that names no target is refused", WAIT, async (t) => {
  const { session } = await startUdpRig(t, "127.0.0.1");
  assert.equal(await statusOf(ask(session, "connect-udp", "/elsewhere")), 404);
});
