import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, test, type TestContext } from "node:test";
import { LogLevel } from "../../observe/log/level.ts";
import { log } from "../../observe/log/log.ts";
import { StatsStore } from "../../observe/stats/store.ts";
import type { ProxyOptions } from "../options.ts";
import { ServiceManager } from "../service-manager/service-manager.ts";
import { controlSocketName } from "./control-socket.ts";
import { HandOvers } from "./hand-overs.ts";
import { Predecessor } from "./predecessor.ts";
import type { ServingProcess } from "./serving-process.ts";
import { WorkerSockets } from "./worker-sockets.ts";

log.setLevel("main", LogLevel.off);
after(() => log.setLevel("main", LogLevel.info));

const OPTIONS = {
  baseId: 0,
  restartEpoch: 0,
  socketPath: `@nuncio_test_${process.pid}`,
  socketMode: 0o600,
  parentShutdownTimeSeconds: 900,
} as ProxyOptions;

const NOBODY = { onStats: (): void => {}, onGone: (): void => {} };

interface Rig {
  readonly handOvers: HandOvers;
  readonly done: string[];
  find(epoch?: number): Promise<Predecessor | number>;
}

/** The hand-overs of a process without workers. */
async function serve(t: TestContext): Promise<Rig> {
  const handOvers = new HandOvers(OPTIONS, new ServiceManager({}));
  const baseId = randomInt(1_000_000);
  assert.equal(await handOvers.listen(baseId), null);
  t.after(() => handOvers.close());
  const done: string[] = [];
  const serving: ServingProcess = {
    server: {
      store: new StatsStore(),
      sockets: new WorkerSockets({ living: [], send() {}, broadcast() {} }),
      firstEpochMs: 7,
      parentConnections: () => 0,
      acceptInherited() {},
      handOver: () => Promise.resolve(void done.push("handed over")),
      connections: () => 0,
    },
    admin: {
      address: "127.0.0.1:9901",
      listening: true,
      descriptor: undefined,
      listen: () => Promise.resolve(void done.push("admin listens")),
      stop: () => Promise.resolve(void done.push("admin stopped")),
    },
    quit: () => void done.push("quit"),
  };
  const name = controlSocketName(OPTIONS.socketPath, baseId);
  const rig = { handOvers, done, find: (epoch = 1) => Predecessor.find(name, epoch) };
  await assert.rejects(rig.find(), /says no: it does not serve yet/);
  handOvers.serve(serving, () => done.push("ended the one before"));
  return rig;
}

async function found(rig: Rig): Promise<Predecessor> {
  const predecessor = await rig.find();
  assert.ok(predecessor instanceof Predecessor);
  return predecessor;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

void test("one successor at a time, and none after one that took over", async (t) => {
  const rig = await serve(t);
  const first = await found(rig);
  assert.equal(first.startedMs, 7);
  await assert.rejects(rig.find(), /says no: another successor starts/);
  assert.equal(rig.handOvers.superseded, false);
  await first.takeOver(NOBODY);
  assert.deepEqual(rig.done, ["ended the one before", "admin stopped"]);
  assert.equal(rig.handOvers.superseded, true);
  assert.equal(typeof (await rig.find()), "number", "its name is the successor's");
  first.drain(900);
  await until(() => rig.done.includes("quit"));
  assert.deepEqual(rig.done.slice(2), ["handed over", "quit"]);
  first.close();
});

void test("a successor that dies while it takes over gives everything back", async (t) => {
  const rig = await serve(t);
  const first = await found(rig);
  await first.takeOver(NOBODY);
  first.close();
  await until(() => rig.done.includes("admin listens"));
  assert.equal(rig.handOvers.superseded, false);
  const second = await found(rig);
  assert.notEqual(await second.takeOver(NOBODY), null);
  second.close();
  await until(() => rig.done.filter((what) => what === "admin listens").length === 2);
});

void test("a successor that dies after the hand-over was its last word", async (t) => {
  const rig = await serve(t);
  const first = await found(rig);
  await first.takeOver(NOBODY);
  first.drain(900);
  first.close();
  await until(() => rig.done.includes("quit"));
  assert.ok(!rig.done.includes("admin listens"));
});

void test("a third process ends the first", async (t) => {
  const rig = await serve(t);
  const first = await found(rig);
  let stats = 0;
  await first.takeOver({ ...NOBODY, onStats: () => stats++ });
  first.terminate();
  await until(() => rig.done.includes("quit"));
  await until(() => stats === 1);
  first.close();
});

void test("only nuncio proxy starts successors", async (t) => {
  const { handOvers } = await serve(t);
  assert.equal(handOvers.spawn(), "only nuncio proxy can be restarted");
});
