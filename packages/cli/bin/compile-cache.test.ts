import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const LAUNCHER = fileURLToPath(new URL("./nuncio.mjs", import.meta.url));

void test("keeps compiled code where NODE_COMPILE_CACHE says, and nowhere when it is turned off", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "nuncio-cache-"));
  const run = (env: NodeJS.ProcessEnv): void => {
    const { status } = spawnSync(process.execPath, [LAUNCHER, "version"], {
      env: { ...process.env, ...env },
    });
    assert.equal(status, 0);
  };
  const off = path.join(folder, "off");
  run({ NODE_COMPILE_CACHE: off, NODE_DISABLE_COMPILE_CACHE: "1" });
  assert.equal(existsSync(off), false);
  const on = path.join(folder, "on");
  run({ NODE_COMPILE_CACHE: on });
  assert.ok(readdirSync(on).length > 0);
  rmSync(folder, { recursive: true });
});
