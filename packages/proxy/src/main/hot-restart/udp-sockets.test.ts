import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { isUdpKey, type InheritedSocket } from "../../listener/inherited-sockets.ts";
import { StatsStore } from "../../observe/stats/store.ts";
import { turns } from "../../testing/turns.ts";
import { libc } from "../../transport/native-libc.ts";
import {
  clusterAt,
  routeTo,
  startEcho,
  udpListener,
  UdpPeer,
  udpProxy,
} from "../../udp/testing/udp-rig.ts";
import { compileBootstrap } from "../compile-bootstrap.ts";
import type { ProxyOptions } from "../options.ts";
import { Server } from "../server.ts";
import { SocketShares } from "./socket-shares.ts";

const WAIT = { timeout: 60_000 };

interface Setup {
  readonly hostPort: number;
  readonly port: number;
  readonly workers: number;
  /** Of the listener. */
  readonly more?: string;
  readonly ip?: string;
}

/** A server whose UDP listener leads to that host. Not started. */
function makeServer(t: TestContext, { hostPort, port, workers, more = "", ip }: Setup): Server {
  const options = {
    configPath: "test.yaml",
    mode: "serve",
    concurrency: workers,
    drainTimeSeconds: 600,
    drainStrategy: "immediate",
    fileFlushIntervalMs: 1000,
    fileFlushMinKiB: 64,
    restartEpoch: 0,
  } as ProxyOptions;
  const listener = udpListener(udpProxy(routeTo("c")), more, ip);
  const content = `static_resources: { listeners: [${listener.replace("port_value: 0", `port_value: ${port}`)}], clusters: [${clusterAt("c", [hostPort])}] }`;
  const store = new StatsStore();
  const compiled = compileBootstrap([{ name: "test.yaml", content }], options, store);
  assert.deepEqual(compiled.problems, []);
  const entry = new URL("../../testing/crashing-entry.ts", import.meta.url);
  const server = new Server(options, compiled, store, entry);
  t.after(() => server.stop());
  return server;
}

/** As if they had come from another process. */
async function handedOverBy(server: Server): Promise<InheritedSocket[]> {
  const sockets = await server.sockets.listening();
  assert.ok(sockets.every(({ key, fd }) => isUdpKey(key) && libc()!.isDatagram(fd)));
  return sockets.map(({ key, fd }) => ({ key, fd: libc()!.duplicate(fd) }));
}

for (const [what, workers, more, ip] of [
  ["two workers to two", [2, 2], "", "127.0.0.1"],
  ["two workers to one", [2, 1], "", "127.0.0.1"],
  ["one worker to two", [1, 2], "", "127.0.0.1"],
  ["sockets for all addresses", [2, 2], "", "0.0.0.0"],
  ["a socket that nothing can be bound beside", [1, 1], "enable_reuse_port: false", "127.0.0.1"],
] as const) {
  void test(`UDP sockets go from one process to the next: ${what}`, WAIT, async (t) => {
    const [oldHost, newHost] = await Promise.all([startEcho(t, "old "), startEcho(t, "new ")]);
    const old = makeServer(t, { hostPort: oldHost.port, port: 0, workers: workers[0], more, ip });
    await old.start();
    const { port } = old.listeners.listeners[0]!.addresses[0]!;
    const clients = await Promise.all(Array.from({ length: 20 }, () => UdpPeer.open(t)));
    const ask = (text: string): Promise<string[]> =>
      Promise.all(clients.map((client) => client.ask(text, port)));
    assert.deepEqual(new Set(await ask("one")), new Set(["old one"]));
    const sockets = await handedOverBy(old);
    const fresh = makeServer(t, { hostPort: newHost.port, port, workers: workers[1], more, ip });
    fresh.sockets.inherit(new SocketShares(workers[1], sockets, []));
    await fresh.start();
    // What comes between the two is for whoever reads next.
    fresh.acceptInherited();
    await old.handOver();
    assert.deepEqual(new Set(await ask("two")), new Set(["new two"]));
    assert.equal(old.connections(), 0);
    await turns(1);
  });
}
