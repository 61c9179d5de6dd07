import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startTcpServer, filter, readBytes } from "../../testing/tcp-rig.ts";
import { turns, turnsUntil } from "../../testing/turns.ts";
import { DatagramSender } from "../../transport/datagram-sender.ts";
import { newUdpSocket } from "../../transport/native-udp.ts";
import {
  clusterAt,
  routeTo,
  startEcho,
  startUdpRig,
  udpListener,
  UdpPeer,
  udpProxy,
} from "../../udp/testing/udp-rig.ts";

const WAIT = { timeout: 20_000 };
const TO_C = udpProxy(routeTo("c"));

void test(
  "a version that comes again keeps the port, and ends the sessions of the one before",
  WAIT,
  async (t) => {
    const echo = await startEcho(t);
    const rig = await startUdpRig(t, udpListener(TO_C), [clusterAt("c", [echo.port])]);
    const client = await UdpPeer.open(t);
    await client.ask("one", rig.port);
    await rig.proxy.setListener(udpListener(TO_C));
    assert.equal(rig.proxy.stat("udp.t.downstream_sess_active"), 1, "an equal one changes nothing");
    await rig.proxy.setListener(udpListener(TO_C, "traffic_direction: INBOUND"));
    assert.equal(rig.proxy.stat("udp.t.downstream_sess_active"), 0);
    assert.equal(rig.proxy.port("main"), rig.port);
    assert.equal(await client.ask("two", rig.port), "two");
    assert.equal(rig.proxy.stat("listener_manager.listener_modified"), 1);
    assert.equal(rig.proxy.stat("listener_manager.listener_in_place_updated"), 0);
    assert.equal(rig.proxy.stat("listener_manager.total_listeners_draining"), 0);
    assert.deepEqual(rig.proxy.exceptions, []);
  },
);

void test(
  "what comes while a version takes the place of another one is not lost",
  WAIT,
  async (t) => {
    const echo = await startEcho(t);
    const rig = await startUdpRig(t, udpListener(TO_C), [clusterAt("c", [echo.port])]);
    const client = await UdpPeer.open(t);
    for (let version = 0; version < 20; version++) {
      client.socket.send(`${version}`, rig.port, "127.0.0.1");
      await rig.proxy.setListener(udpListener(TO_C, `tcp_backlog_size: ${version}`));
      await turnsUntil(() => echo.received.length > version);
    }
  },
);

void test(
  "a listener that is removed, or told to stop, ends its sessions and closes its sockets",
  WAIT,
  async (t) => {
    const echo = await startEcho(t);
    const rig = await startUdpRig(t, udpListener(TO_C), [clusterAt("c", [echo.port])]);
    const client = await UdpPeer.open(t);
    await client.ask("one", rig.port);
    rig.proxy.listeners.drain({ inboundOnly: false }, false);
    assert.equal(await client.ask("two", rig.port), "two", "there is nobody to be told");
    rig.proxy.listeners.drain({ inboundOnly: false }, true);
    assert.equal(rig.proxy.stat("udp.t.downstream_sess_active"), 0);
    client.socket.send("three", rig.port, "127.0.0.1");
    await turns(20);
    assert.deepEqual(echo.received, ["one", "two"]);
    rig.proxy.listeners.remove("main");
    assert.equal(rig.proxy.stat("listener_manager.total_listeners_draining"), 0);
  },
);

void test(
  "one port has a listener of UDP beside one of TCP, and neither gets what is the other's",
  WAIT,
  async (t) => {
    const [echo, server] = await Promise.all([startEcho(t), startTcpServer(t)]);
    const clusters = [clusterAt("c", [echo.port]), clusterAt("tcp", [server.port])];
    const rig = await startUdpRig(t, udpListener(TO_C), clusters);
    const chain = filter("tcp_proxy.v3.TcpProxy", "stat_prefix: t, cluster: tcp");
    // Of nobody else.
    const ip = "127.0.0.77";
    const address = `{ socket_address: { address: ${ip}, port_value: 0 } }`;
    await rig.proxy.setListener(
      `{ name: tcp, address: ${address}, filter_chains: [{ filters: [${chain}] }] }`,
    );
    const port = rig.proxy.port("tcp");
    const beside = udpListener(TO_C, "", ip).replace("main", "beside");
    await rig.proxy.setListener(beside.replace("port_value: 0", `port_value: ${port}`));
    const client = await UdpPeer.open(t);
    assert.equal(await client.ask("datagram", port, ip), "datagram");
    const socket = net.connect(port, ip, () => socket.write("stream"));
    t.after(() => socket.destroy());
    assert.equal((await readBytes(await server.accept(), 6)).toString(), "stream");
  },
);

void test("a listener changes its protocol under its name", WAIT, async (t) => {
  const [echo, server] = await Promise.all([startEcho(t), startTcpServer(t)]);
  const clusters = [clusterAt("c", [echo.port]), clusterAt("tcp", [server.port])];
  const rig = await startUdpRig(t, udpListener(TO_C), clusters);
  await (await UdpPeer.open(t)).ask("x", rig.port);
  const chain = filter("tcp_proxy.v3.TcpProxy", "stat_prefix: t, cluster: tcp");
  const address = "{ socket_address: { address: 127.0.0.1, port_value: 0 } }";
  await rig.proxy.setListener(
    `{ name: main, address: ${address}, filter_chains: [{ filters: [${chain}] }] }`,
  );
  assert.equal(rig.proxy.stat("udp.t.downstream_sess_active"), 0);
  const port = rig.proxy.port("main");
  const socket = net.connect(port, "127.0.0.1", () => socket.write("stream"));
  t.after(() => socket.destroy());
  assert.equal((await readBytes(await server.accept(), 6)).toString(), "stream");
  await rig.proxy.setListener(udpListener(TO_C));
  assert.equal(await (await UdpPeer.open(t)).ask("y", rig.proxy.port("main")), "y");
});

void test(
  "an address that another process has is refused, and what ran goes on",
  WAIT,
  async (t) => {
    const [echo, other] = await Promise.all([startEcho(t), UdpPeer.open(t)]);
    const rig = await startUdpRig(t, udpListener(TO_C), [clusterAt("c", [echo.port])]);
    const taken = udpListener(TO_C).replace("port_value: 0", `port_value: ${other.port}`);
    await assert.rejects(
      rig.proxy.setListener(taken),
      /cannot bind '127.0.0.1:\d+': address already/i,
    );
    assert.equal(await (await UdpPeer.open(t)).ask("x", rig.port), "x");
  },
);

void test("a listener for all addresses answers from the one that was asked", WAIT, async (t) => {
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family }) => family === "IPv4")
    .map(({ address }) => address);
  const echo = await startEcho(t);
  const rig = await startUdpRig(t, udpListener(TO_C, "", "0.0.0.0"), [clusterAt("c", [echo.port])]);
  for (const ip of own) {
    const client = await UdpPeer.open(t, "0.0.0.0");
    await client.ask("x", rig.port, ip);
    assert.equal(client.from[0]!.address, ip);
  }
});

void test("a listener of IPv6 takes IPv4 where it is told to", WAIT, async (t) => {
  const echo = await startEcho(t);
  const compat = udpListener(TO_C, "", "::").replace(
    "port_value: 0",
    "port_value: 0, ipv4_compat: true",
  );
  const rig = await startUdpRig(t, compat, [clusterAt("c", [echo.port])]);
  assert.equal(await (await UdpPeer.open(t)).ask("four", rig.port), "four");
  // An address of loopback that no interface has: it comes to the socket for all.
  const other = await UdpPeer.open(t, "127.0.0.9");
  assert.equal(await other.ask("mapped", rig.port, "127.0.0.9"), "mapped");
});

void test(
  "while stop_accepting_connections is saturated datagrams wait in the kernel",
  WAIT,
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "nuncio-udp-overload-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "pressure");
    writeFileSync(file, "0");
    const echo = await startEcho(t);
    const monitor = `{ name: p, typed_config: { "@type": type.googleapis.com/envoy.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig, filename: ${file} } }`;
    const action = `{ name: envoy.overload_actions.stop_accepting_connections, triggers: [{ name: p, threshold: { value: 0.9 } }] }`;
    const rig = await startUdpRig(
      t,
      udpListener(TO_C),
      [clusterAt("c", [echo.port])],
      `overload_manager: { resource_monitors: [${monitor}], actions: [${action}] }`,
    );
    const press = (pressure: number): void => {
      writeFileSync(file, String(pressure));
      rig.proxy.refreshOverload();
    };
    const client = await UdpPeer.open(t);
    await client.ask("before", rig.port);
    press(1);
    for (const text of ["one", "two", "three"]) client.socket.send(text, rig.port, "127.0.0.1");
    await turns(20);
    assert.deepEqual(echo.received, ["before"]);
    press(0);
    await turnsUntil(() => echo.received.length === 4);
    assert.deepEqual(echo.received, ["before", "one", "two", "three"]);
  },
);

void test("datagrams that nobody read in time are counted as dropped", WAIT, async (t) => {
  const echo = await startEcho(t);
  const rig = await startUdpRig(t, udpListener(TO_C), [clusterAt("c", [echo.port])]);
  const sent = 5000;
  const flood = newUdpSocket(null, () => {});
  t.after(() => flood.close());
  const sender = new DatagramSender(flood);
  // In one turn of the loop: the proxy, on the same thread, reads none of them meanwhile.
  for (let i = 0; i < sent; i++) sender.sendTo(Buffer.alloc(100), "127.0.0.1", rig.port);
  const stat = (name: string): number => rig.proxy.stat(name)!;
  const name = "listener.127.0.0.1_0.udp.downstream_rx_datagram_dropped";
  // Each turn reads 32 of the few hundred that had room.
  await turns(200);
  rig.proxy.listeners.remove("main");
  assert.ok(stat(name) > 0);
  assert.equal(stat(name) + stat("udp.t.downstream_sess_rx_datagrams"), sent);
});
