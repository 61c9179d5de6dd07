import assert from "node:assert/strict";
import { test } from "node:test";
import { startProcess } from "../interop/harness/child-process.ts";
import { cpuSeconds, residentMib } from "./process-figures.ts";

test(
  "counts a process with its children",
  { skip: process.platform !== "linux" && "needs /proc" },
  async () => {
    const busy = "while (process.cpuUsage().user < 300_000);";
    const started = startProcess([
      "/bin/sh",
      "-c",
      `"${process.execPath}" -e "${busy}; setInterval(() => {}, 1000)" & wait`,
    ]);
    try {
      const deadline = performance.now() + 20_000;
      while (cpuSeconds(started.pid) < 0.2 && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.ok(cpuSeconds(started.pid) >= 0.2);
      assert.ok(residentMib(started.pid) > 10);
      assert.equal(cpuSeconds(999_999_999), 0);
    } finally {
      await started.stop();
    }
  },
);
