import assert from "node:assert/strict";
import { test } from "node:test";
import type { WorkerInit } from "../worker/messages.ts";
import { WorkerPool } from "./worker-pool.ts";

/** Spins while the word that it is given is 1; ends when it is told to. */
const SPINNING = `
import { parentPort, workerData } from "node:worker_threads";
parentPort.on("message", () => process.exit());
parentPort.postMessage({ kind: "ready" });
setImmediate(() => { while (Atomics.load(workerData, 0) === 1); });
`;

test("the utilization of a pool is that of its busiest worker", { timeout: 20_000 }, async () => {
  const words = [0, 1].map((word) => new Int32Array(new SharedArrayBuffer(4)).fill(word));
  const pool = new WorkerPool(
    {
      init: (id) => words[id] as unknown as WorkerInit,
      currentState: () => [],
      onMessage() {},
      onDeath() {},
    },
    new URL(`data:text/javascript,${encodeURIComponent(SPINNING)}`),
  );
  await pool.start(words.length);
  try {
    let busy = 0;
    for (; busy < 0.95; busy = pool.utilization()) await turn();
    assert.ok(busy <= 1, String(busy));
    for (const word of words) Atomics.store(word, 0, 0);
    while (pool.utilization() > 0.05) await turn();
  } finally {
    for (const word of words) Atomics.store(word, 0, 0);
    await pool.stop();
  }
});

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
