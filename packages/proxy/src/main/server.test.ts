import assert from "node:assert/strict";
import http from "node:http";
import { test, type TestContext } from "node:test";
import type { ListenerConfig } from "../listener/model.ts";
import { StatsStore } from "../observe/stats/store.ts";
import { httpBootstrap, ROUTER_FILTER } from "../testing/bootstrap.ts";
import { RawClient } from "../testing/origin.ts";
import type { ToWorker } from "../worker/messages.ts";
import { compileBootstrap } from "./compile-bootstrap.ts";
import type { ProxyOptions } from "./options.ts";
import { Server } from "./server.ts";

const OPTIONS = {
  configPath: "test.yaml",
  mode: "serve",
  concurrency: 2,
  restartEpoch: 0,
  drainTimeSeconds: 1,
  fileFlushIntervalMs: 1000,
  fileFlushMinKiB: 64,
} as ProxyOptions;

const CONFIG = httpBootstrap(`http_filters: [${ROUTER_FILTER}]
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: { prefix: / }
                direct_response: { status: 200, body: { inline_string: fine } }`);

const GET = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

async function startServer(
  t: TestContext,
): Promise<{ server: Server; store: StatsStore; port: number }> {
  const store = new StatsStore();
  const compiled = compileBootstrap([{ name: "test.yaml", content: CONFIG }], OPTIONS, store);
  assert.deepEqual(compiled.problems, []);
  const server = new Server(
    OPTIONS,
    compiled,
    store,
    new URL("../testing/crashing-entry.ts", import.meta.url),
  );
  t.after(() => server.stop());
  await server.start();
  return { server, store, port: server.listeners.listeners[0]!.addresses[0]!.port };
}

/** A client that asks again and again on one connection, until it is told to stop or its connection ends. */
class Caller {
  answers = 0;
  readonly client: RawClient;
  readonly ended: Promise<"stopped" | "cut">;
  #stopping = false;

  constructor(port: number) {
    this.client = new RawClient(port);
    this.ended = this.#run();
  }

  stop(): void {
    this.#stopping = true;
  }

  async #run(): Promise<"stopped" | "cut"> {
    while (!this.#stopping) {
      this.client.received = "";
      this.client.send(GET);
      const text = await this.client.until((received) => received.endsWith("fine"));
      if (!text.endsWith("fine")) return "cut";
      this.answers++;
    }
    this.client.close();
    return "stopped";
  }
}

void test("a worker that dies under load is replaced, the other serves on, and counters go on", async (t) => {
  const { server, store, port } = await startServer(t);
  const callers = Array.from({ length: 24 }, () => new Caller(port));
  const total = (): number => callers.reduce((sum, { answers }) => sum + answers, 0);
  while (total() < 500) await new Promise((resolve) => setImmediate(resolve));
  const before = requests(store);
  assert.ok(before >= 500);
  server.workers.send(0, { kind: "crash" } as unknown as ToWorker);
  const cut = await Promise.race(callers.map(({ ended }) => ended));
  assert.equal(cut, "cut", "connections of the dead worker end");
  // The successor listens again: a third success after those of the two first workers.
  while (created(store) < 3) await new Promise((resolve) => setImmediate(resolve));
  const fresh = Array.from({ length: 24 }, () => new Caller(port));
  while (fresh.some(({ answers }) => answers < 10))
    await new Promise((resolve) => setImmediate(resolve));
  for (const caller of [...callers, ...fresh]) caller.stop();
  const ends = await Promise.all(callers.map(({ ended }) => ended));
  assert.ok(ends.includes("stopped"), "the other worker's connections never noticed");
  assert.deepEqual(
    new Set(await Promise.all(fresh.map(({ ended }) => ended))),
    new Set(["stopped"]),
  );
  assert.ok(requests(store) > before, "what the dead worker counted is not lost");
  assert.equal(server.state, "LIVE");
});

/** The listener of the test, with another answer. */
function answering(text: string, store: StatsStore): ListenerConfig {
  const content = CONFIG.replace("inline_string: fine", `inline_string: ${text}fine`);
  const compiled = compileBootstrap([{ name: "test.yaml", content }], OPTIONS, store);
  assert.deepEqual(compiled.problems, []);
  return compiled.listeners[0]!;
}

void test("configurations that come while workers die cost the connections of the dead, and no others", async (t) => {
  const { server, store, port } = await startServer(t);
  const callers = Array.from({ length: 24 }, () => new Caller(port));
  while (callers.some(({ answers }) => answers === 0))
    await new Promise((resolve) => setImmediate(resolve));
  for (let round = 1; round <= 5; round++) {
    if (round === 3) server.workers.send(1, { kind: "crash" } as unknown as ToWorker);
    // Posted to two workers, one or none of which dies before it answers.
    await Promise.all(
      ["a", "b"].map((name) => server.listeners.addOrUpdate(answering(`${name}${round}`, store))),
    );
    const client = new RawClient(port);
    const text = await client.send(GET).until((received) => received.endsWith("fine"));
    assert.match(text, new RegExp(`b${round}fine$`));
    client.close();
  }
  for (const caller of callers) caller.stop();
  const ends = await Promise.all(callers.map(({ ended }) => ended));
  const cut = ends.filter((end) => end === "cut").length;
  assert.ok(cut > 0 && cut < 24, `${cut} of 24 connections were cut`);
  assert.equal(counter(store, "listener_manager.", "listener_modified"), 10);
});

void test("both workers accept, each on a socket of its own", async (t) => {
  const { store, port } = await startServer(t);
  const callers = Array.from({ length: 64 }, () => new Caller(port));
  while (callers.some(({ answers }) => answers < 2))
    await new Promise((resolve) => setImmediate(resolve));
  for (const caller of callers) caller.stop();
  await Promise.all(callers.map(({ ended }) => ended));
  for (const worker of [0, 1]) {
    const prefix = `listener.127.0.0.1_0.worker_${worker}.`;
    const entry = store.scopes.find(({ scope }) => scope.prefix === prefix)!;
    const slot = entry.scope.base + entry.table.at["downstream_cx_total"]!;
    assert.ok(store.counter(slot) > 0, `worker ${worker} got no connection of 64`);
  }
});

void test("a server that is told to stop while it starts opens nothing any more", async () => {
  const store = new StatsStore();
  const compiled = compileBootstrap([{ name: "test.yaml", content: CONFIG }], OPTIONS, store);
  const server = new Server(
    OPTIONS,
    compiled,
    store,
    new URL("../worker/entry.ts", import.meta.url),
  );
  const started = server.start();
  await server.stop();
  await started;
  assert.equal(server.listeners.listeners.length, 0);
  assert.notEqual(server.state, "LIVE");
});

void test("an address that is taken is one clear line", async (t) => {
  const blocker = http.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => blocker.once("listening", resolve));
  t.after(() => blocker.close());
  const { port } = blocker.address() as { port: number };
  const store = new StatsStore();
  const config = CONFIG.replace("port_value: 0", `port_value: ${port}`);
  const compiled = compileBootstrap([{ name: "test.yaml", content: config }], OPTIONS, store);
  const server = new Server(
    OPTIONS,
    compiled,
    store,
    new URL("../worker/entry.ts", import.meta.url),
  );
  t.after(() => server.stop());
  await assert.rejects(server.start(), {
    name: "StartError",
    message: `error adding listener 'main': cannot bind '127.0.0.1:${port}': Address already in use`,
  });
});

function counter(store: StatsStore, prefix: string, name: string): number {
  const entry = store.scopes.find(
    ({ scope, table }) => scope.prefix === prefix && name in table.at,
  )!;
  return store.counter(entry.scope.base + entry.table.at[name]!);
}

function requests(store: StatsStore): number {
  return counter(store, "http.in.", "downstream_rq_total");
}

function created(store: StatsStore): number {
  return counter(store, "listener_manager.", "listener_create_success");
}
