import assert from "node:assert/strict";
import { test } from "node:test";
import type { Host } from "../../upstream/host.ts";
import { HostAvoidance } from "./host-avoidance.ts";

function host(text: string, labels?: Record<string, unknown>): Host {
  const metadata = labels === undefined ? null : { "envoy.lb": labels };
  return { address: { text }, metadata, canary: labels?.["canary"] === true } as unknown as Host;
}

void test("hosts of attempts before are avoided by their address", () => {
  const avoidance = new HostAvoidance([{ kind: "previous_hosts" }]);
  assert.equal(avoidance.avoids(host("a")), false);
  avoidance.onAttempt(host("a"));
  assert.deepEqual([avoidance.avoids(host("a")), avoidance.avoids(host("b"))], [true, false]);
});

void test("canaries are avoided, and hosts that have all labels", () => {
  const canaries = new HostAvoidance([{ kind: "omit_canary_hosts" }]);
  assert.equal(canaries.avoids(host("a", { canary: true })), true);
  assert.equal(canaries.avoids(host("a", { canary: "true" })), false);
  const labels = { stage: "dev", size: 2 };
  const labelled = new HostAvoidance([{ kind: "omit_host_metadata", labels }]);
  assert.equal(labelled.avoids(host("a", { size: 2, stage: "dev", more: 1 })), true);
  assert.equal(labelled.avoids(host("a", { size: [1, 2], stage: ["prod", "dev"] })), true);
  assert.equal(labelled.avoids(host("a", { size: 2 })), false);
  assert.equal(labelled.avoids(host("a")), false);
});

void test("one predicate is enough", () => {
  const avoidance = new HostAvoidance([{ kind: "previous_hosts" }, { kind: "omit_canary_hosts" }]);
  assert.equal(avoidance.avoids(host("a", { canary: true })), true);
});
