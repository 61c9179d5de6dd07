import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import http2 from "node:http2";
import { test, type TestContext } from "node:test";
import type { InheritedSocket } from "../../listener/inherited-sockets.ts";
import { StatsStore } from "../../observe/stats/store.ts";
import { httpBootstrap, ROUTER_FILTER } from "../../testing/bootstrap.ts";
import { RawClient } from "../../testing/origin.ts";
import { libc } from "../../transport/native-libc.ts";
import {
  newTcpServer,
  TCP_REUSEPORT,
  type NativeTcp,
  type SocketName,
} from "../../transport/native.ts";
import type { ToWorker } from "../../worker/messages.ts";
import { compileBootstrap } from "../compile-bootstrap.ts";
import type { ProxyOptions } from "../options.ts";
import { Server } from "../server.ts";
import { SocketShares } from "./socket-shares.ts";

/** A server with workers whose listener has this port and answers with `text`. Not started. */
function makeServer(t: TestContext, text: string, port: number, concurrency: number): Server {
  const options = {
    configPath: "test.yaml",
    mode: "serve",
    concurrency,
    drainTimeSeconds: 600,
    drainStrategy: "immediate",
    fileFlushIntervalMs: 1000,
    fileFlushMinKiB: 64,
    restartEpoch: 0,
  } as ProxyOptions;
  const content = httpBootstrap(`http_filters: [${ROUTER_FILTER}]
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: { prefix: / }
                direct_response: { status: 200, body: { inline_string: ${text} } }`).replace(
    "port_value: 0",
    `port_value: ${port}`,
  );
  const store = new StatsStore();
  const compiled = compileBootstrap([{ name: "test.yaml", content }], options, store);
  assert.deepEqual(compiled.problems, []);
  const entry = new URL("../../testing/crashing-entry.ts", import.meta.url);
  const server = new Server(options, compiled, store, entry);
  t.after(() => server.stop());
  return server;
}

function portOf(server: Server): number {
  return server.listeners.listeners[0]!.addresses[0]!.port;
}

/** As if they had come from another process. */
async function handedOverBy(server: Server): Promise<InheritedSocket[]> {
  const sockets = await server.sockets.listening();
  return sockets.map(({ key, fd }) => ({ key, fd: libc()!.duplicate(fd) }));
}

const GET = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

async function ask(client: RawClient, end: string): Promise<string> {
  client.received = "";
  return client.send(GET).until((received) => received.endsWith(end));
}

for (const [before, after] of [
  [2, 2],
  [2, 1],
  [1, 2],
] as const) {
  void test(`${before} workers hand their sockets over to ${after}, and connections part with them`, async (t) => {
    const old = makeServer(t, "old", 0, before);
    await old.start();
    const port = portOf(old);
    const kept = new RawClient(port);
    assert.match(await ask(kept, "old"), /200 OK/);
    const sockets = await handedOverBy(old);
    assert.equal(sockets.length, before);
    const fresh = makeServer(t, "new", port, after);
    fresh.sockets.inherit(new SocketShares(after, sockets, []));
    await fresh.start();
    // As long as the new one is not told that all of it is up, it meets nobody.
    const earlyClients = Array.from({ length: 10 }, () => new RawClient(port));
    const early = await Promise.all(earlyClients.map((client) => ask(client, "old")));
    assert.ok(early.every((answer) => answer.endsWith("old")));
    for (const client of earlyClients) client.close();
    fresh.acceptInherited();
    await old.handOver();
    while (old.connections() > 1) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(old.state, "DRAINING");
    assert.equal(old.connections(), 1);
    // Whatever queue of the address the kernel picks, somebody serves it.
    const clients = Array.from({ length: 40 }, () => new RawClient(port));
    const answers = await Promise.all(clients.map((client) => ask(client, "new")));
    assert.ok(answers.every((answer) => answer.endsWith("new")));
    for (const client of clients) client.close();
    assert.match(await ask(kept, "old"), /connection: close/);
    assert.ok((await kept.untilEnd()).endsWith("old"));
    while (old.connections() > 0) await new Promise((resolve) => setImmediate(resolve));
  });
}

void test("an idle connection of HTTP/2 is told to go", async (t) => {
  const old = makeServer(t, "old", 0, 1);
  await old.start();
  const session = http2.connect(`http://127.0.0.1:${portOf(old)}`);
  t.after(() => session.destroy());
  await once(session, "remoteSettings");
  assert.equal(old.connections(), 1);
  const closed = once(session, "close");
  const [goaway] = await Promise.all([once(session, "goaway"), old.handOver()]);
  assert.equal(goaway[0], http2.constants.NGHTTP2_NO_ERROR);
  await closed;
  while (old.connections() > 0) await new Promise((resolve) => setImmediate(resolve));
});

void test("a worker that dies after the hand-over accepts nothing any more", async (t) => {
  const old = makeServer(t, "old", 0, 1);
  await old.start();
  const port = portOf(old);
  const [socket] = await handedOverBy(old);
  await old.handOver();
  old.workers.send(0, { kind: "crash" } as unknown as ToWorker);
  // The dead one does not answer; its successor does, first without and then with what it was told.
  await old.sockets.listening();
  while (old.workers.living.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await old.sockets.listening();
  assert.deepEqual(await old.sockets.listening(), []);
  const fresh = makeServer(t, "new", port, 1);
  fresh.sockets.inherit(new SocketShares(1, [socket!], []));
  await fresh.start();
  fresh.acceptInherited();
  assert.match(await ask(new RawClient(port), "new"), /new$/);
});

void test("workers share a socket that nothing can be bound beside, also after one of them died", async (t) => {
  const { handle, port } = boundTcp(t, 0, 0);
  const server = makeServer(t, "mine", port, 2);
  const socket = { key: `127.0.0.1:${port}`, fd: handle.fd };
  server.sockets.inherit(new SocketShares(2, [], [socket]));
  await server.start();
  server.acceptInherited();
  const listening = await server.sockets.listening();
  assert.equal(listening.length, 2);
  assert.equal(new Set([handle.fd, ...listening.map(({ fd }) => fd)]).size, 3);
  assert.match(await ask(new RawClient(port), "mine"), /mine$/);
  server.workers.send(0, { kind: "crash" } as unknown as ToWorker);
  const { store } = server;
  const manager = store.scopes.find(({ scope }) => scope.prefix === "listener_manager.")!;
  const created = manager.scope.base + manager.table.at["listener_create_success"]!;
  while (store.counter(created) < 3) await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await server.sockets.listening()).length, 2);
});

void test("shares: every socket goes to a worker, what others cannot bind beside goes to all", (t) => {
  const first = boundTcp(t, 0, TCP_REUSEPORT);
  const second = boundTcp(t, first.port, TCP_REUSEPORT);
  const third = boundTcp(t, first.port, TCP_REUSEPORT);
  const alone = boundTcp(t, 0, 0);
  const key = "a";
  const handedOver = [first, second, third].map(({ handle }) => ({ key, fd: handle.fd }));
  const copies = Array.from({ length: 2 }, () => ({
    key: "b",
    fd: libc()!.duplicate(alone.handle.fd),
  }));
  const shares = new SocketShares(2, [...handedOver, ...copies], []);
  assert.deepEqual(
    ["a", "b", "c"].map((name) => shares.has(name)),
    [true, true, false],
  );
  const taken = [shares.take(0), shares.take(1)];
  const fds = (worker: number, name: string): number[] =>
    taken[worker]!.filter((socket) => socket.key === name).map(({ fd }) => fd);
  assert.deepEqual(fds(0, "a"), [first.handle.fd, third.handle.fd]);
  assert.deepEqual(fds(1, "a"), [second.handle.fd]);
  assert.equal(new Set([copies[0]!.fd, ...fds(0, "b"), ...fds(1, "b")]).size, 3);
  assert.deepEqual(
    shares.take(0).map((socket) => socket.key),
    ["b"],
    "the successor of a worker gets what is shared",
  );
});

void test("what is kept for no listener is closed, what is kept for one stays", (t) => {
  const { handle } = boundTcp(t, 0, 0);
  const [used, unused, both] = Array.from({ length: 3 }, () => libc()!.duplicate(handle.fd));
  const activated = [
    { key: "used", fd: used! },
    { key: "unused", fd: unused! },
    { key: "[::]:1", fd: both! },
    { key: "[::]:1 with IPv4", fd: both! },
  ];
  const shares = new SocketShares(1, [], activated);
  shares.release(new Set(["used", "[::]:1 with IPv4", "bound by ourselves"]));
  const isOpen = (fd: number): boolean => existsSync(`/proc/self/fd/${fd}`);
  assert.deepEqual([isOpen(used!), isOpen(unused!), isOpen(both!)], [true, false, true]);
  assert.deepEqual(
    shares.take(0).map(({ key }) => key),
    ["used", "[::]:1 with IPv4"],
  );
  assert.equal(shares.has("used"), false);
});

/** Not listening: this thread would accept, too. */
function boundTcp(
  t: TestContext,
  port: number,
  flags: number,
): { readonly handle: NativeTcp; readonly port: number } {
  const handle = newTcpServer();
  assert.equal(handle.bind("127.0.0.1", port, flags), 0);
  const name: SocketName = {};
  handle.getsockname(name);
  t.after(() => handle.close());
  return { handle, port: name.port! };
}
