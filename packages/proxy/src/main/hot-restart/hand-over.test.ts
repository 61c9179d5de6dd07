import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import net from "node:net";
import { after, test, type TestContext } from "node:test";
import type { InheritedSocket } from "../../listener/inherited-sockets.ts";
import { LogLevel } from "../../observe/log/level.ts";
import { log } from "../../observe/log/log.ts";
import { snapshotStats } from "../../observe/stats/carried-stats.ts";
import { StatsStore } from "../../observe/stats/store.ts";
import { LISTENER_STATS } from "../../observe/stats/tables/listener.ts";
import { newTcpServer, type NativeTcp, type SocketName } from "../../transport/native.ts";
import { Channel } from "./channel.ts";
import { ControlSocket, connectControlSocket } from "./control-socket.ts";
import { HandOver, type HandOverSource, type RestartPeer } from "./hand-over.ts";
import { Predecessor } from "./predecessor.ts";

log.setLevel("main", LogLevel.off);
after(() => log.setLevel("main", LogLevel.info));

/** A process that serves, without the process. */
class FakeSource implements HandOverSource {
  readonly store = new StatsStore();
  readonly epoch = 4;
  readonly startedMs = 1_000_000;
  readonly adminAddress = "127.0.0.1:9901";
  busy: string | null = null;
  readonly done: string[] = [];
  open = 0;
  listening: InheritedSocket[] = [];

  sockets(): Promise<readonly InheritedSocket[]> {
    return Promise.resolve(this.listening);
  }

  giveUp(pid: number): Promise<void> {
    this.done.push(`gave up to ${pid === process.pid ? "us" : pid}`);
    return Promise.resolve();
  }

  drain(): Promise<void> {
    this.done.push("drained");
    return Promise.resolve();
  }

  connections(): number {
    return this.open;
  }

  quit(): void {
    this.done.push("quit");
  }

  onRestart(peer: RestartPeer, timeoutSeconds: number): void {
    peer.tell({ kind: "not_live", reason: `asked for ${timeoutSeconds} s` });
  }
}

interface Rig {
  readonly name: string;
  readonly source: FakeSource;
  /** Who said that it is gone. */
  readonly gone: HandOver[];
}

async function serve(t: TestContext): Promise<Rig> {
  const source = new FakeSource();
  const gone: HandOver[] = [];
  const name = `@nuncio_test_${randomUUID()}`;
  const control = await ControlSocket.listen(name, 0o600, (pipe) => {
    void new HandOver(pipe, source, (peer) => gone.push(peer));
  });
  assert.ok(control instanceof ControlSocket);
  t.after(() => control.close());
  return { name, source, gone };
}

async function findPredecessor({ name }: Rig, epoch = 5): Promise<Predecessor> {
  const found = await Predecessor.find(name, epoch);
  assert.ok(found instanceof Predecessor);
  return found;
}

/** A listening socket of this process, on a port of its own. */
function listeningTcp(t: TestContext): { readonly handle: NativeTcp; readonly port: number } {
  const handle = newTcpServer();
  assert.equal(handle.bind("127.0.0.1", 0, 0), 0);
  assert.equal(handle.listen(8), 0);
  const name: SocketName = {};
  handle.getsockname(name);
  t.after(() => handle.close());
  return { handle, port: name.port! };
}

void test("a successor learns who was there before it", async (t) => {
  const rig = await serve(t);
  const predecessor = await findPredecessor(rig);
  assert.equal(predecessor.pid, process.pid);
  assert.equal(predecessor.startedMs, 1_000_000);
  assert.equal(predecessor.adminAddress, "127.0.0.1:9901");
  await predecessor.failed("test is over");
});

void test("only the next epoch is taken, and only by a process that has something to give", async (t) => {
  const rig = await serve(t);
  for (const epoch of [0, 4, 6])
    await assert.rejects(findPredecessor(rig, epoch), {
      message: `hot restart: the process before this one says no: expected restart epoch 5, got ${epoch}`,
    });
  rig.source.busy = "it has a successor";
  await assert.rejects(findPredecessor(rig), /says no: it has a successor/);
});

void test("only the same version is taken", async (t) => {
  const rig = await serve(t);
  const pipe = await connectControlSocket(rig.name);
  assert.ok(typeof pipe !== "number");
  const heard: unknown[] = [];
  const channel = new Channel<object, object>(pipe, {
    onMessage: (message) => heard.push(message),
    onEnd: () => {},
  });
  void channel.send({ kind: "hello", version: "nuncio.0", epoch: 5, pid: 1 });
  await until(() => heard.length === 1);
  const reason = "expected hot restart version nuncio.1, got nuncio.0";
  assert.deepEqual(heard, [{ kind: "refused", reason }]);
  channel.close();
});

void test("nobody there is an errno", async () => {
  assert.equal(await Predecessor.find(`@nuncio_test_${randomUUID()}`, 1), -111);
});

void test("listening sockets come over, and what waits to be accepted with them", async (t) => {
  const rig = await serve(t);
  const first = listeningTcp(t);
  const second = listeningTcp(t);
  rig.source.listening = [
    { key: "a", fd: first.handle.fd },
    { key: "b", fd: second.handle.fd },
    // Closed by its worker in the meantime.
    { key: "c", fd: 0 },
  ];
  const predecessor = await findPredecessor(rig);
  const sockets = await predecessor.sockets();
  assert.deepEqual(
    sockets.map(({ key }) => key),
    ["a", "b"],
  );
  // The process before is gone, and nobody accepts yet.
  first.handle.close();
  const client = net.connect(first.port, "127.0.0.1");
  t.after(() => client.destroy());
  await new Promise((resolve) => client.once("connect", resolve));
  const copy = newTcpServer();
  assert.equal(copy.open(sockets[0]!.fd), 0);
  t.after(() => copy.close());
  const accepted = new Promise<void>((resolve) => {
    copy.onconnection = (status, connection): void => {
      assert.equal(status, 0);
      connection!.close();
      resolve();
    };
  });
  assert.equal(copy.listen(8), 0);
  await accepted;
  const other = newTcpServer();
  assert.equal(other.open(sockets[1]!.fd), 0);
  other.close();
  await predecessor.failed("test is over");
});

void test("a take-over goes step by step, and ends with the last stats", async (t) => {
  const rig = await serve(t);
  const { source } = rig;
  const { base } = source.store.scope("listener.a.", LISTENER_STATS);
  const total = base + LISTENER_STATS.at.downstream_cx_total;
  source.store.main.slots[total] = 7;
  source.open = 1;
  const predecessor = await findPredecessor(rig);
  const heard: unknown[] = [];
  let gone!: () => void;
  const ended = new Promise<void>((resolve) => (gone = resolve));
  const stats = await predecessor.takeOver({
    onStats: (later) => heard.push(later.counters["listener.a."]),
    onGone: gone,
  });
  assert.deepEqual(stats, JSON.parse(JSON.stringify(snapshotStats(source.store))));
  assert.deepEqual(source.done, ["gave up to us"]);
  predecessor.drain(900);
  source.store.main.slots[total] = 8;
  predecessor.askForStats();
  await until(() => heard.length === 1);
  assert.deepEqual(source.done, ["gave up to us", "drained"]);
  source.store.main.slots[total] = 9;
  source.open = 0;
  await until(() => source.done.includes("quit"));
  assert.deepEqual(heard, [{ downstream_cx_total: 8 }, { downstream_cx_total: 9 }]);
  assert.equal(rig.gone.length, 0);
  predecessor.close();
  gone();
  await ended;
});

void test("the parent shutdown time ends a process that still has connections", async (t) => {
  const rig = await serve(t);
  rig.source.open = 1;
  const predecessor = await findPredecessor(rig);
  await predecessor.takeOver({ onStats: () => {}, onGone: () => {} });
  predecessor.drain(0);
  await until(() => rig.source.done.includes("quit"));
  assert.equal(rig.source.open, 1);
  predecessor.close();
});

void test("a successor that goes away before it took over changes nothing", async (t) => {
  const rig = await serve(t);
  const predecessor = await findPredecessor(rig);
  await predecessor.sockets();
  await predecessor.failed("the configuration is bad");
  await until(() => rig.gone.length === 1);
  const [peer] = rig.gone;
  assert.deepEqual(
    [peer!.isSuccessor, peer!.tookOver, peer!.failure],
    [true, false, "the configuration is bad"],
  );
  assert.deepEqual(rig.source.done, []);
});

void test("who did not greet gets nothing but the answer to what it asks", async (t) => {
  const rig = await serve(t);
  const pipe = await connectControlSocket(rig.name);
  assert.ok(typeof pipe !== "number");
  const heard: unknown[] = [];
  const channel = new Channel<object, object>(pipe, {
    onMessage: (message) => heard.push(message),
    onEnd: () => {},
  });
  for (const kind of ["take_over", "drain", "terminate", "sockets", "nonsense", "status"])
    void channel.send({ kind });
  void channel.send({ kind: "restart", timeoutSeconds: 3 });
  await until(() => heard.length === 2);
  assert.deepEqual(heard, [
    { kind: "status", pid: process.pid, epoch: 4 },
    { kind: "not_live", reason: "asked for 3 s" },
  ]);
  assert.deepEqual(rig.source.done, []);
  channel.close();
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
