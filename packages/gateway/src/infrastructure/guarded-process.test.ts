import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";

/** Starts a program when no file can be opened any more. */
const WITHOUT_FILES = `
  import { openSync } from "node:fs";
  const { GuardedProcess } = await import(process.argv[1]);
  try { for (;;) openSync("/dev/null", "r"); } catch {}
  new GuardedProcess({
    command: ["true"],
    guard: { add() {}, remove() {} },
    onSpawn() {},
    onEnd: (why) => process.stdout.write(why),
  });`;

test("where no file can be opened any more a process has ended", async (t) => {
  const module = new URL("guarded-process.ts", import.meta.url).href;
  const node = [process.execPath, "--input-type=module", "-e", WITHOUT_FILES, module];
  const child = spawn("sh", ["-c", 'ulimit -n 256 && exec "$@"', "sh", ...node], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  assert.equal(said, "true cannot be started: spawn true EMFILE");
  assert.equal(code, 0);
});
