import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { LogLevel } from "../../observe/log/level.ts";
import { log } from "../../observe/log/log.ts";
import type { ProxyOptions } from "../options.ts";
import { connectControlSocket, controlSocketName } from "./control-socket.ts";
import { HotRestart } from "./hot-restart.ts";

const folder = mkdtempSync(join(tmpdir(), "nuncio-hot-restart-"));
log.setLevel("main", LogLevel.off);
after(() => {
  log.setLevel("main", LogLevel.info);
  rmSync(folder, { recursive: true });
});

const SOCKET_PATH = `@nuncio_test_begin_${process.pid}`;

async function begin(t: TestContext, options: Partial<ProxyOptions>): Promise<HotRestart> {
  const restart = await HotRestart.begin({
    mode: "serve",
    baseId: 0,
    useDynamicBaseId: false,
    baseIdPath: "",
    restartEpoch: 0,
    disableHotRestart: false,
    skipHotRestartOnNoParent: false,
    socketPath: SOCKET_PATH,
    socketMode: 0o600,
    ...options,
  } as ProxyOptions);
  t.after(() => restart.close());
  return restart;
}

/** Whether anybody is to be found under a base id. */
async function isThere(baseId: number): Promise<boolean> {
  const peer = await connectControlSocket(controlSocketName(SOCKET_PATH, baseId));
  if (typeof peer === "number") return false;
  peer.close();
  return true;
}

void test("the first epoch can be found by its base id, until it ends", async (t) => {
  const restart = await begin(t, { baseId: 1 });
  assert.equal(restart.baseId, 1);
  assert.equal(await isThere(1), true);
  restart.close();
  assert.equal(await isThere(1), false);
});

void test("a second process of a base id serves without hot restart", async (t) => {
  const first = await begin(t, { baseId: 2 });
  const second = await begin(t, { baseId: 2 });
  second.close();
  assert.equal(await isThere(2), true, "it took nothing away");
  first.close();
});

void test("a dynamic base id is a free one, and is written to a file", async (t) => {
  const path = join(folder, "base-id");
  const ids = new Set<number>();
  for (let i = 0; i < 3; i++) {
    const { baseId } = await begin(t, { useDynamicBaseId: true, baseIdPath: path });
    assert.equal(readFileSync(path, "utf8"), String(baseId));
    assert.equal(await isThere(baseId), true);
    ids.add(baseId);
  }
  assert.equal(ids.size, 3);
});

void test("a later epoch needs a process to take over from, unless it may do without", async (t) => {
  await assert.rejects(begin(t, { baseId: 3, restartEpoch: 1 }), {
    name: "StartError",
    message: `hot restart: no process to take over from at '${SOCKET_PATH}_3': Connection refused`,
  });
  await begin(t, { baseId: 3, restartEpoch: 1, skipHotRestartOnNoParent: true });
  assert.equal(await isThere(3), true);
});

void test("switched off, and where nothing is served, nobody is to be found", async (t) => {
  await begin(t, { baseId: 4, disableHotRestart: true });
  await begin(t, { baseId: 4, mode: "init_only" });
  await begin(t, { baseId: 4, restartEpoch: 1, disableHotRestart: true });
  assert.equal(await isThere(4), false);
});

void test("a control socket that cannot be made is no reason not to serve", async (t) => {
  const restart = await begin(t, { baseId: 5, socketPath: join(folder, "no", "such", "folder") });
  assert.equal(restart.baseId, 5);
});
