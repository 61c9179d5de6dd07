import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const LAUNCHER = fileURLToPath(new URL("../bin/nuncio.mjs", import.meta.url));

function nuncio(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [LAUNCHER, ...args], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

void test("prints version and help", () => {
  for (const args of [["version"], ["--version"]]) {
    const { status, stdout, stderr } = nuncio(...args);
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /^nuncio \d+\.\d+\.\d+ \(envoy API 1\.40\.0, node 2\d\.\d+\.\d+\)\n$/);
  }
  const help = nuncio("help");
  assert.equal(help.status, 0);
  assert.match(help.stdout, /^usage: nuncio COMMAND/);
});

void test("answers a wrong command with one line and exit code 1", () => {
  assert.deepEqual(nuncio("proxxy"), {
    status: 1,
    stdout: "",
    stderr:
      'nuncio: expected a command (proxy, gateway, explain, restart, ctl, quickstart, completion, man, version, help), got "proxxy"\n',
  });
  assert.equal(nuncio().status, 1);
});

void test("answers a wrong flag with one line and exit code 1", () => {
  assert.deepEqual(nuncio("proxy", "--conurrency", "2"), {
    status: 1,
    stdout: "",
    stderr: "nuncio: unknown flag --conurrency, did you mean --concurrency?\n",
  });
});

void test("tells all problems to a pipe, however many", () => {
  const clusters = Array.from({ length: 2_000 }, () => ({}));
  const folder = mkdtempSync(join(tmpdir(), "nuncio-main-"));
  try {
    const file = join(folder, "bootstrap.json");
    writeFileSync(file, JSON.stringify({ static_resources: { clusters } }));
    const { status, stderr } = nuncio("proxy", "--mode", "validate", "-c", file);
    assert.equal(status, 1);
    assert.match(stderr, /clusters\[1999\]\.name: .*\n$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
