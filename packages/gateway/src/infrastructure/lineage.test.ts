import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Lineage } from "./lineage.ts";

const NO_SHARED_MEMORY = existsSync("/dev/shm") ? false : "needs Linux";
const SIZE = 104;

function lineageIn(t: TestContext, kind: "Nuncio" | "Envoy"): Lineage {
  const folder = mkdtempSync(join(tmpdir(), "lineage-"));
  const lineage = new Lineage(folder, kind);
  t.after(() => {
    lineage.remove();
    assert.deepEqual(readdirSync(folder), []);
    rmSync(folder, { recursive: true });
  });
  return lineage;
}

function flag(lineage: Lineage, name: string, epoch = 0): string {
  const flags = lineage.flags(epoch);
  return flags[flags.indexOf(name) + 1]!;
}

function memoryOf(lineage: Lineage): string {
  return `/dev/shm/envoy_shared_memory_${flag(lineage, "--base-id")}0`;
}

/** As Envoy has it when an epoch starts. */
function memory(size = SIZE): Buffer {
  const bytes = Buffer.alloc(SIZE);
  bytes.writeBigUInt64LE(BigInt(size));
  bytes.writeUInt8(7, 16);
  bytes.writeUInt8(1, SIZE - 8);
  return bytes;
}

test("epochs of a lineage have all flags but the epoch in common", (t) => {
  const lineage = lineageIn(t, "Nuncio");
  const [first, second] = [lineage.flags(0), lineage.flags(1)];
  assert.equal(flag(lineage, "--restart-epoch", 1), "1");
  assert.equal(second.at(-1), "--skip-hot-restart-on-no-parent");
  const common = (flags: readonly string[]): string[] =>
    flags.filter((one, at) => flags[at - 1] !== "--restart-epoch" && !one.startsWith("--skip"));
  assert.deepEqual(common(first), common(second));
});

test("a process serves when its admin interface has its epoch, and its workers accept", async (t) => {
  const lineage = lineageIn(t, "Nuncio");
  let stats = "";
  const server = createServer((_, response) => response.end(stats));
  t.after(() => server.close());
  assert.ok("path" in lineage.admin);
  const { path } = lineage.admin;
  await new Promise<void>((resolve) => server.listen(path, resolve));
  assert.equal(await lineage.serves(1), false, "nobody has said where it is");
  writeFileSync(flag(lineage, "--admin-address-path"), path);
  stats = "listener_manager.workers_started: 0\nserver.hot_restart_epoch: 1\n";
  assert.equal(await lineage.serves(1), false);
  stats = "listener_manager.workers_started: 1\nserver.hot_restart_epoch: 11\n";
  assert.equal(await lineage.serves(1), false);
  stats = "listener_manager.workers_started: 1\nserver.hot_restart_epoch: 1\n";
  assert.equal(await lineage.serves(1), true);
});

test("an admin interface may be at a port", async (t) => {
  const lineage = lineageIn(t, "Nuncio");
  const server = createServer((_, response) =>
    response.end("listener_manager.workers_started: 1\nserver.hot_restart_epoch: 0\n"),
  );
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  writeFileSync(flag(lineage, "--admin-address-path"), `127.0.0.1:${port}\n`);
  assert.equal(await lineage.serves(0), true);
});

test(
  "a start that failed is taken out of Envoy's memory, and nothing else",
  { skip: NO_SHARED_MEMORY },
  (t) => {
    const lineage = lineageIn(t, "Envoy");
    assert.equal(lineage.isThere(), false);
    writeFileSync(memoryOf(lineage), memory());
    assert.equal(lineage.isThere(), true);
    lineage.forgetStart();
    const expected = memory();
    expected.writeUInt8(0, SIZE - 8);
    assert.deepEqual(readFileSync(memoryOf(lineage)), expected);
    lineage.remove();
    assert.equal(existsSync(memoryOf(lineage)), false);
  },
);

test("memory that is not as expected is left alone", { skip: NO_SHARED_MEMORY }, (t) => {
  const lineage = lineageIn(t, "Envoy");
  lineage.forgetStart();
  for (const content of [memory(SIZE + 8), Buffer.alloc(3)]) {
    writeFileSync(memoryOf(lineage), content);
    lineage.forgetStart();
    assert.deepEqual(readFileSync(memoryOf(lineage)), content);
  }
});
