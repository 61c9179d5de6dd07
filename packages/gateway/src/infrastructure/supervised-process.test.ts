import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";

/** Starts a program when no file can be opened any more. */
const WITHOUT_FILES = `
  import { openSync } from "node:fs";
  const [supervised, delay] = process.argv.slice(1);
  const { SupervisedProcess } = await import(supervised);
  const { RestartDelay } = await import(delay);
  const one = new SupervisedProcess({
    command: () => ["true"],
    endWithinMs: 1_000,
    guard: { add() {}, remove() {} },
    delay: new RestartDelay({ baseIntervalMs: 3_600_000, maxIntervalMs: 3_600_000 }),
    onState: (failure) => {
      process.stdout.write(String(failure));
      void one.stop();
    },
  });
  try { for (;;) openSync("/dev/null", "r"); } catch {}
  one.start();`;

test("where no file can be opened any more a process waits for another try", async (t) => {
  const modules = ["supervised-process.ts", "restart-delay.ts"].map(
    (name) => new URL(name, import.meta.url).href,
  );
  const node = [process.execPath, "--input-type=module", "-e", WITHOUT_FILES, ...modules];
  const child = spawn("sh", ["-c", 'ulimit -n 256 && exec "$@"', "sh", ...node], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  assert.equal(said, "true cannot be started: spawn true EMFILE");
  assert.equal(code, 0);
});
