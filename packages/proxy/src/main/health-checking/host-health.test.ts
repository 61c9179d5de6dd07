import assert from "node:assert/strict";
import { test } from "node:test";
import { HostHealth } from "./host-health.ts";
import type { CheckResult } from "./model.ts";

/** The health behind each result: `+` healthy, `-` not. */
function course(kinds: readonly CheckResult["kind"][], healthy = 2, unhealthy = 3): string {
  const health = new HostHealth({ healthyThreshold: healthy, unhealthyThreshold: unhealthy });
  let before = health.isHealthy;
  return kinds
    .map((kind) => {
      const changed = health.take({ kind });
      assert.equal(changed, health.isHealthy !== before);
      before = health.isHealthy;
      return health.isHealthy ? "+" : "-";
    })
    .join("");
}

test("the first check decides when it succeeds, later ones by the threshold", () => {
  assert.equal(course(["success"]), "+");
  assert.equal(course(["network", "success", "success"]), "--+");
  assert.equal(course(["network", "success", "network", "success", "success"]), "----+");
});

test("a host fails by the threshold, and at once by its own answer", () => {
  assert.equal(course(["success", "network", "timeout", "retriable"]), "+++-");
  assert.equal(course(["success", "network", "network", "success", "network"]), "+++++");
  assert.equal(course(["success", "failure"]), "+-");
});

test("what was seen last is told", () => {
  const health = new HostHealth({ healthyThreshold: 1, unhealthyThreshold: 1 });
  health.take({ kind: "failure", status: 503 });
  assert.deepEqual([health.status, health.hasTimedOut], [503, false]);
  health.take({ kind: "timeout" });
  assert.deepEqual([health.status, health.hasTimedOut], [undefined, true]);
});
