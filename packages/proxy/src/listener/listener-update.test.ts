import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { clusterYaml } from "../testing/bootstrap.ts";
import { RawClient, startOrigin, type OriginConnection } from "../testing/origin.ts";
import type { TestProxy } from "../testing/proxy.ts";
import { turnsUntil } from "../testing/turns.ts";
import {
  address,
  answer,
  AT_ONCE,
  filter,
  httpChain,
  listenerText,
  startWith,
  type Fields,
} from "./testing/live-listener.ts";

const GET = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
const TO_ORIGIN = { route: { cluster: "origin" } };

function client(t: TestContext, port: number): RawClient {
  const made = new RawClient(port);
  t.after(() => made.close());
  return made;
}

/** The response to one more request, whose body ends with `end`. */
async function ask(peer: RawClient, end: string): Promise<string> {
  peer.received = "";
  const text = await peer.send(GET).until((received) => received.endsWith(end));
  assert.ok(text.endsWith(end), `the connection ended behind '${text}'`);
  return text;
}

function managerStat(proxy: TestProxy, name: string): number | undefined {
  return proxy.stat(`listener_manager.${name}`);
}

void test("a connection takes new routes with its next request, and is not drained", async (t) => {
  const proxy = await startWith(t, listenerText([httpChain(answer("one"))]), { drain: AT_ONCE });
  const peer = client(t, proxy.port("main"));
  await ask(peer, "one");
  await proxy.setListener(listenerText([httpChain(answer("two"))]));
  assert.doesNotMatch(await ask(peer, "two"), /connection: close/);
  assert.equal(proxy.stat("http.in.downstream_cx_total"), 1);
  assert.equal(managerStat(proxy, "listener_in_place_updated"), 1);
  assert.equal(managerStat(proxy, "listener_modified"), 1);
  assert.equal(managerStat(proxy, "total_filter_chains_draining"), 0);
});

void test("an equal configuration changes nothing, wherever its parts were written", async (t) => {
  const match = (name: string): Fields => ({ filter_chain_match: { server_names: [name] }, name });
  const chains = [httpChain(answer("a"), {}, match("a")), httpChain(answer("b"), {}, match("b"))];
  const proxy = await startWith(t, listenerText(chains));
  await proxy.setListener(listenerText(chains));
  assert.equal(managerStat(proxy, "listener_modified"), 0);
  assert.equal(managerStat(proxy, "listener_create_success"), 1);
});

/** An origin that answers when it is told to. */
async function slowOrigin(t: TestContext): Promise<{
  readonly cluster: string;
  readonly connections: readonly OriginConnection[];
  respond(): void;
}> {
  const origin = await startOrigin(() => {});
  t.after(() => origin.close());
  return {
    cluster: clusterYaml("origin", origin.port),
    connections: origin.connections,
    respond() {
      for (const { socket } of origin.connections)
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone");
    },
  };
}

function marked(mark: string): Fields {
  const header = { key: "x-mark", value: mark };
  return { ...TO_ORIGIN, response_headers_to_add: [{ header }] };
}

void test("a request ends under the configuration that it began under, with its log", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const log = (name: string): Fields => ({
    access_log: [
      {
        name: "file",
        typed_config: {
          "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
          path: join(folder, name),
          log_format: { text_format_source: { inline_string: `${name}\n` } },
        },
      },
    ],
  });
  const origin = await slowOrigin(t);
  const chain = (mark: string): Fields => httpChain(marked(mark), log(mark));
  const proxy = await startWith(t, listenerText([chain("old")]), {
    clusters: [origin.cluster],
    drain: AT_ONCE,
  });
  const peer = client(t, proxy.port("main"));
  peer.send(GET);
  await turnsUntil(() => origin.connections[0]?.received.endsWith("\r\n\r\n") === true);
  await proxy.setListener(listenerText([chain("new")]));
  origin.respond();
  assert.match(await peer.until((text) => text.endsWith("done")), /x-mark: old\r\n/);
  // The last one that wrote to it is gone, and the file with it; what it held is written.
  assert.equal(readFileSync(join(folder, "old"), "utf8"), "old\n");
  const next = ask(peer, "done");
  await turnsUntil(() => origin.connections[0]!.received.split("\r\n\r\n").length === 3);
  origin.respond();
  assert.match(await next, /x-mark: new\r\n/);
  assert.equal(readFileSync(join(folder, "old"), "utf8"), "old\n");
  assert.deepEqual(proxy.exceptions, []);
});

void test("a WebSocket goes on, over many configurations", async (t) => {
  const upgrade = { upgrade_configs: [{ upgrade_type: "websocket" }] };
  const head =
    "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n";
  const origin = await startOrigin(({ socket, received }) => {
    if (received.endsWith("\r\n\r\n")) socket.write(head);
    else socket.write(received.slice(-4));
  });
  t.after(() => origin.close());
  const chain = (mark: string): string => listenerText([httpChain(marked(mark), upgrade)]);
  const clusters = [clusterYaml("origin", origin.port)];
  const proxy = await startWith(t, chain("0"), { clusters, drain: AT_ONCE });
  const peer = client(t, proxy.port("main"));
  peer.send(GET.replace("host", "connection: Upgrade\r\nupgrade: websocket\r\nhost"));
  await peer.until((text) => text.endsWith("\r\n\r\n"));
  for (let i = 1; i <= 20; i++) {
    await proxy.setListener(chain(String(i)));
    const word = `<${String(i).padStart(2, "0")}>`;
    peer.send(word);
    const text = await peer.until((received) => received.endsWith(word));
    assert.ok(text.endsWith(word));
  }
  assert.equal(managerStat(proxy, "listener_in_place_updated"), 20);
});

/** Two chains, one for each of two addresses. */
function twoChains(second: Fields | null): readonly Fields[] {
  const at = (ip: string): Fields => ({
    filter_chain_match: { prefix_ranges: [{ address_prefix: ip, prefix_len: 32 }] },
  });
  const first = httpChain(answer("first"), {}, at("127.0.0.1"));
  return second === null ? [first] : [first, { ...second, ...at("127.0.0.2") }];
}

const TWO_ADDRESSES = { additional_addresses: [{ address: address("127.0.0.2") }] };

void test("a chain that is gone drains its connections, and no others", async (t) => {
  const text = (chains: readonly Fields[]): string => listenerText(chains, TWO_ADDRESSES);
  const before = text(twoChains(httpChain(answer("second"))));
  const proxy = await startWith(t, before, { drain: AT_ONCE });
  const [one, two] = proxy.ports("main");
  const first = client(t, one!);
  const second = new RawClient(two!, "127.0.0.2");
  t.after(() => second.close());
  await ask(first, "first");
  await ask(second, "second");
  await proxy.setListener(text(twoChains(null)));
  assert.equal(managerStat(proxy, "total_filter_chains_draining"), 1);
  assert.doesNotMatch(await ask(first, "first"), /connection: close/);
  assert.match(await ask(second, "second"), /connection: close/);
  await second.untilEnd();
  await turnsUntil(() => managerStat(proxy, "total_filter_chains_draining") === 0);
  assert.equal(managerStat(proxy, "total_listeners_draining"), 0);
  await ask(first, "first");
});

for (const [what, manager] of [
  ["codec options", { http_protocol_options: { accept_http_10: true } }],
  ["a stat prefix", { stat_prefix: "other" }],
  ["the codec", { codec_type: "HTTP1" }],
] as const) {
  void test(`connections of a chain with ${what} of another kind drain`, async (t) => {
    const before = listenerText([httpChain(answer("one"))]);
    const proxy = await startWith(t, before, { drain: AT_ONCE });
    const old = client(t, proxy.port("main"));
    await ask(old, "one");
    await proxy.setListener(listenerText([httpChain(answer("two"), manager)]));
    assert.match(await ask(old, "one"), /connection: close/);
    assert.doesNotMatch(await ask(client(t, proxy.port("main")), "two"), /connection: close/);
  });
}

void test("a removed listener accepts no more, and drains", async (t) => {
  const proxy = await startWith(t, listenerText([httpChain(answer("one"))]), { drain: AT_ONCE });
  const port = proxy.port("main");
  const peer = client(t, port);
  await ask(peer, "one");
  assert.equal(proxy.listeners.remove("main"), true);
  assert.equal(proxy.listeners.remove("main"), false);
  const refused = net.connect(port, "127.0.0.1");
  const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNREFUSED");
  assert.equal(managerStat(proxy, "listener_removed"), 1);
  assert.equal(managerStat(proxy, "total_listeners_active"), 0);
  assert.equal(managerStat(proxy, "total_listeners_draining"), 1);
  assert.match(await ask(peer, "one"), /connection: close/);
  await peer.untilEnd();
  await turnsUntil(() => managerStat(proxy, "total_listeners_draining") === 0);
});

void test("another address is open before the old one closes; port 0 stays what it was", async (t) => {
  const chains = [httpChain(answer("one"))];
  const proxy = await startWith(t, listenerText(chains), { drain: AT_ONCE });
  const port = proxy.port("main");
  await proxy.setListener(listenerText(chains, { traffic_direction: "INBOUND" }));
  assert.equal(proxy.port("main"), port);
  const peer = client(t, port);
  await ask(peer, "one");
  await proxy.setListener(listenerText(chains, { address: address("127.0.0.3") }));
  assert.equal(managerStat(proxy, "total_listeners_draining"), 1);
  assert.match(await ask(peer, "one"), /connection: close/);
  const there = new RawClient(proxy.port("main"), "127.0.0.3");
  t.after(() => there.close());
  assert.doesNotMatch(await ask(there, "one"), /connection: close/);
});

void test("a further address leaves the connections of the others alone", async (t) => {
  const chains = [httpChain(answer("one"))];
  const proxy = await startWith(t, listenerText(chains), { drain: AT_ONCE });
  const peer = client(t, proxy.port("main"));
  await ask(peer, "one");
  await proxy.setListener(listenerText(chains, TWO_ADDRESSES));
  assert.doesNotMatch(await ask(peer, "one"), /connection: close/);
  const second = new RawClient(proxy.ports("main")[1]!, "127.0.0.2");
  t.after(() => second.close());
  await ask(second, "one");
});

void test("no connection is lost while configurations come, whatever of the listener changes", async (t) => {
  const text = (round: number): string =>
    listenerText([httpChain(answer("one"), { stat_prefix: `s${round % 3}` })], {
      tcp_backlog_size: 100 + (round % 2),
      stat_prefix: `l${round % 5}`,
      traffic_direction: round % 2 === 0 ? "INBOUND" : "OUTBOUND",
    });
  const proxy = await startWith(t, text(0), { drain: AT_ONCE });
  const port = proxy.port("main");
  let rounds = 0;
  let stopped = false;
  const update = async (): Promise<void> => {
    while (!stopped) {
      await proxy.setListener(text(++rounds));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const connect = async (): Promise<void> => {
    for (let i = 0; i < 40; i++) {
      const peer = new RawClient(port);
      await ask(peer, "one");
      peer.close();
    }
  };
  const updating = update();
  await Promise.all(Array.from({ length: 10 }, connect));
  stopped = true;
  await updating;
  assert.ok(rounds > 10, `only ${rounds} configurations came`);
  assert.equal(proxy.port("main"), port);
});

void test("a limit of connections goes on counting over configurations that do not touch it", async (t) => {
  const limit = filter("limit", "network.connection_limit.v3.ConnectionLimit", {
    stat_prefix: "few",
    max_connections: 1,
  });
  const text = (body: string): string => {
    const chain = httpChain(answer(body));
    return listenerText([{ filters: [limit, ...(chain["filters"] as Fields[])] }]);
  };
  const proxy = await startWith(t, text("one"), { drain: AT_ONCE });
  const peer = client(t, proxy.port("main"));
  await ask(peer, "one");
  await proxy.setListener(text("two"));
  assert.equal(await client(t, proxy.port("main")).send(GET).untilEnd(), "");
  assert.doesNotMatch(await ask(peer, "two"), /connection: close/);
  assert.equal(proxy.stat("connection_limit.few.limited_connections"), 1);
});

void test("a Unix socket stays, with the mode that is asked for now", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "l.sock");
  const chains = [httpChain(answer("one"))];
  const text = (mode: number): string =>
    listenerText(chains, { address: { pipe: { path, mode } } });
  const proxy = await startWith(t, text(0o600));
  const { ino } = statSync(path);
  await proxy.setListener(text(0o640));
  assert.equal(statSync(path).ino, ino);
  assert.equal(statSync(path).mode & 0o777, 0o640);
  const socket = net.connect({ path });
  t.after(() => socket.destroy());
  socket.write(GET);
  const [data] = (await once(socket, "data")) as [Buffer];
  assert.match(String(data), /200 OK/);
});

void test("what cannot be is refused with Envoy's words, and what runs goes on", async (t) => {
  const chains = [httpChain(answer("one"))];
  const proxy = await startWith(t, listenerText(chains), { drain: AT_ONCE });
  const port = proxy.port("main");
  const peer = client(t, port);
  const blocker = net.createServer().listen(0, "127.0.0.1");
  await once(blocker, "listening");
  t.after(() => blocker.close());
  const { port: taken } = blocker.address() as net.AddressInfo;
  const refused = (text: string, message: string): Promise<void> =>
    assert.rejects(proxy.setListener(text), { message });
  await refused(
    listenerText(chains, { enable_reuse_port: false }),
    "Listener main: reuse port cannot be changed during an update",
  );
  await refused(
    listenerText(chains, { address: address("127.0.0.1", taken) }),
    `cannot bind '127.0.0.1:${taken}': Address already in use`,
  );
  await refused(
    listenerText(chains, { name: "other", address: address("127.0.0.1", port) }),
    `error adding listener: 'other' has duplicate address '127.0.0.1:${port}' as existing listener, to check if the ` +
      "listener has duplicated addresses with other listeners or 'enable_reuse_port' is set to 'false' for the listener",
  );
  // Of an address that is taken alone, as in Envoy.
  assert.equal(managerStat(proxy, "listener_create_failure"), 1);
  assert.equal(managerStat(proxy, "listener_modified"), 0);
  assert.equal(managerStat(proxy, "total_listeners_active"), 1);
  assert.equal(managerStat(proxy, "total_listeners_warming"), 0);
  assert.doesNotMatch(await ask(peer, "one"), /connection: close/);
});

void test("/healthcheck/fail drains listeners, but not those that drain for changes alone", async (t) => {
  const proxy = await startWith(t, listenerText([httpChain(answer("one"))]));
  const other = { name: "other", drain_type: "MODIFY_ONLY" };
  await proxy.setListener(listenerText([httpChain(answer("two"))], other));
  const [peer, quiet] = [client(t, proxy.port("main")), client(t, proxy.port("other"))];
  await ask(peer, "one");
  proxy.listeners.setHealthCheckFailed(true);
  assert.doesNotMatch(await ask(quiet, "two"), /connection: close/);
  assert.match(await ask(peer, "one"), /connection: close/);
  proxy.listeners.setHealthCheckFailed(false);
  assert.doesNotMatch(await ask(client(t, proxy.port("main")), "one"), /connection: close/);
});

void test("behind /drain_listeners a configuration opens nothing any more", async (t) => {
  const proxy = await startWith(t, listenerText([httpChain(answer("one"))]));
  const port = proxy.port("main");
  proxy.listeners.drain({ inboundOnly: false }, true);
  assert.equal(managerStat(proxy, "listener_stopped"), 1);
  await proxy.setListener(listenerText([httpChain(answer("two"))]));
  assert.equal(managerStat(proxy, "listener_modified"), 0);
  const [error] = (await once(net.connect(port, "127.0.0.1"), "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNREFUSED");
});
