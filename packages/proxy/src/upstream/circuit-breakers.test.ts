import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { CLUSTER_STATS } from "../observe/stats/tables/cluster.ts";
import { Runtime } from "../runtime/snapshot.ts";
import { CircuitBreakers } from "./circuit-breakers.ts";
import type { ThresholdsConfig } from "./model.ts";
import {
  createBreakerMemory,
  MainBreakerMemory,
  Resource,
  RoutingPriority,
  WorkerBreakerMemory,
} from "./shared/breaker-memory.ts";
import { clusterConfig } from "./testing/cluster-config.ts";
import { fakeStats } from "./testing/fake-worker.ts";

function breakers(thresholds: Partial<ThresholdsConfig>) {
  const buffers = createBreakerMemory(2, 4);
  const stats = fakeStats();
  const runtime = new Runtime();
  const memory = new WorkerBreakerMemory(buffers, 0);
  const main = new MainBreakerMemory(buffers);
  return {
    buffers,
    stats,
    runtime,
    main,
    breakers: new CircuitBreakers(clusterConfig({ thresholds }), 1, memory, { stats, runtime }),
  };
}

const LIMITS = [
  ["maxConnections", Resource.Connections, "upstream_cx_overflow"],
  ["maxPendingRequests", Resource.PendingRequests, "upstream_rq_pending_overflow"],
  ["maxRequests", Resource.Requests, "upstream_rq_active_overflow"],
  ["maxRetries", Resource.Retries, "upstream_rq_retry_overflow"],
  ["maxConnectionPools", Resource.ConnectionPools, "upstream_cx_pool_overflow"],
] as const;

for (const [limit, resource, counter] of LIMITS) {
  void test(`${limit} is reached, counted in ${counter}, and free again after a release`, () => {
    const { breakers: all, stats } = breakers({ [limit]: 2 });
    const manager = all.of(RoutingPriority.Default);
    assert.ok(manager.tryAcquire(resource));
    assert.ok(manager.tryAcquire(resource));
    assert.equal(manager.canCreate(resource), false);
    assert.equal(manager.tryAcquire(resource), false);
    assert.equal(stats.slots[CLUSTER_STATS.at[counter]], 1);
    assert.equal(manager.count(resource), 2);
    manager.release(resource);
    assert.ok(manager.tryAcquire(resource));
    assert.ok(
      all.of(RoutingPriority.High).tryAcquire(resource),
      "the other priority has its own limit",
    );
  });
}

void test("acquire goes past the limit, for the first connection of a host", () => {
  const { breakers: all } = breakers({ maxConnections: 0 });
  assert.equal(all.default.tryAcquire(Resource.Connections), false);
  all.default.acquire(Resource.Connections);
  assert.equal(all.default.count(Resource.Connections), 1);
});

void test("a retry budget is a share of the requests on their way or waiting, and never less than its minimum", () => {
  const { breakers: all } = breakers({
    maxRetries: 100,
    retryBudget: { budgetPercent: 25, minRetryConcurrency: 2 },
  });
  const manager = all.default;
  assert.equal(manager.max(Resource.Retries), 2);
  for (let i = 0; i < 15; i++) manager.acquire(Resource.Requests);
  assert.equal(manager.max(Resource.Retries), 3);
  manager.acquire(Resource.PendingRequests);
  assert.equal(manager.max(Resource.Retries), 4);
});

void test("the runtime's limits count before the configured ones, as long as it has them", () => {
  const { breakers: all, runtime } = breakers({ maxRequests: 5 });
  const key = "circuit_breakers.c.default.";
  runtime.swap(
    new Map([
      [`${key}max_requests`, { raw: "0", uint: 0 }],
      ["circuit_breakers.c.high.max_connections", { raw: "7", uint: 7 }],
      [`${key}max_retries`, { raw: "many" }],
    ]),
  );
  assert.equal(all.default.tryAcquire(Resource.Requests), false);
  assert.equal(all.high.max(Resource.Requests), 1024);
  assert.equal(all.high.max(Resource.Connections), 7);
  assert.equal(all.default.max(Resource.Retries), 3);
  runtime.swap(new Map([[`${key}retry_budget.budget_percent`, { raw: "50", double: 50 }]]));
  for (let i = 0; i < 10; i++) all.default.acquire(Resource.Requests);
  assert.equal(all.default.max(Resource.Retries), 5);
  assert.equal(all.default.max(Resource.Requests), 5);
  runtime.swap(new Map());
  assert.equal(all.default.max(Resource.Retries), 3);
});

void test("what a dead worker held is free again", () => {
  const { breakers: all, buffers, main } = breakers({ maxRequests: 3 });
  const other = new CircuitBreakers(
    clusterConfig({ thresholds: { maxRequests: 3 } }),
    1,
    new WorkerBreakerMemory(buffers, 1),
    { stats: fakeStats(), runtime: new Runtime() },
  );
  all.default.acquire(Resource.Requests);
  other.default.acquire(Resource.Requests);
  other.default.acquire(Resource.Requests);
  assert.equal(main.inUse(1), true);
  main.takeBack(1, 4);
  assert.equal(main.count(1, RoutingPriority.Default, Resource.Requests), 1);
  all.default.release(Resource.Requests);
  assert.equal(main.inUse(1), false);
});

/** Takes and gives back in a hot loop, then keeps what it can get, and tells how much that was. */
const CONTENDER = `
import { parentPort, workerData } from "node:worker_threads";
const { CircuitBreakers } = await import(workerData.breakers);
const { WorkerBreakerMemory, Resource } = await import(workerData.memory);
const stats = { slots: new Float64Array(4096) };
const memory = new WorkerBreakerMemory(workerData.buffers, workerData.workerId);
const manager = new CircuitBreakers(workerData.config, 1, memory, {
  stats,
  runtime: { generation: 0, values: new Map() },
}).default;
let most = 0;
for (let i = 0; i < 200_000; i++) {
  if (!manager.tryAcquire(Resource.Requests)) continue;
  manager.release(Resource.Requests);
}
let kept = 0;
for (let i = 0; i < 200; i++) if (manager.tryAcquire(Resource.Requests)) kept++;
parentPort.postMessage({ kept, overflows: stats.slots[workerData.overflow] });
`;

void test("two worker threads share one limit exactly", async () => {
  const limit = 100;
  const { buffers, main } = breakers({});
  const workers = [0, 1].map(
    (workerId) =>
      new Worker(new URL(`data:text/javascript,${encodeURIComponent(CONTENDER)}`), {
        workerData: {
          workerId,
          buffers,
          config: clusterConfig({ thresholds: { maxRequests: limit } }),
          overflow: CLUSTER_STATS.at.upstream_rq_active_overflow,
          breakers: new URL("./circuit-breakers.ts", import.meta.url).href,
          memory: new URL("./shared/breaker-memory.ts", import.meta.url).href,
        },
      }),
  );
  const results = await Promise.all(
    workers.map(async (worker) => (await once(worker, "message"))[0]),
  );
  await Promise.all(workers.map((worker) => worker.terminate()));
  const kept = results.reduce((sum: number, result: { kept: number }) => sum + result.kept, 0);
  const overflows = results.reduce(
    (sum: number, result: { overflows: number }) => sum + result.overflows,
    0,
  );
  assert.equal(kept, limit);
  assert.equal(main.count(1, RoutingPriority.Default, Resource.Requests), limit);
  assert.ok(overflows >= 400 - limit);
});
