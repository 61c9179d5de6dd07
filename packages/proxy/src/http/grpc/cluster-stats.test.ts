import assert from "node:assert/strict";
import { test } from "node:test";
import type { WorkerStats } from "../../observe/stats/definition.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import { GrpcClusterStats } from "./cluster-stats.ts";
import { grpcMethodOf } from "./method.ts";

/** Stats that know what was counted, by name. */
function counting(): { readonly stats: WorkerStats; counted(): { [name: string]: number } } {
  const names: string[] = [];
  const stats: WorkerStats = {
    slots: new Float64Array(100),
    record: (histogram, value) => void (stats.slots[histogram]! += value),
    dynamicCounter(name) {
      if (!names.includes(name)) names.push(name);
      return names.indexOf(name);
    },
    dynamicHistogram: (name) => stats.dynamicCounter(name),
  };
  return {
    stats,
    counted: () => Object.fromEntries(names.map((name, slot) => [name, stats.slots[slot]!])),
  };
}

const cluster = { config: { scope: { prefix: "cluster.c." } } } as unknown as Cluster;
const ALL = { kind: "all", replaceDots: false } as const;

void test("a path names a method when it has two parts", () => {
  assert.deepEqual(grpcMethodOf("/p.S/M"), { service: "p.S", method: "M" });
  assert.deepEqual(grpcMethodOf("//s/m/"), { service: "s", method: "m" });
  for (const path of ["/", "/s", "/s/", "//m", "/a/b/c", ""])
    assert.equal(grpcMethodOf(path), null);
});

void test("outcomes, messages and times are counted by method", () => {
  const { stats, counted } = counting();
  const table = new GrpcClusterStats(stats, "grpc", ALL);
  const method = table.of(cluster, "/p.S/M?q")!;
  assert.equal(table.of(cluster, "/p.S/M"), method);
  method.countStatus("0");
  method.countStatus("13");
  method.countStatus("05");
  method.addRequestMessages(2);
  method.addResponseMessages(3);
  method.recordTime(7);
  assert.deepEqual(counted(), {
    "cluster.c.grpc.p.S.M.success": 1,
    "cluster.c.grpc.p.S.M.total": 3,
    "cluster.c.grpc.p.S.M.0": 1,
    "cluster.c.grpc.p.S.M.failure": 2,
    "cluster.c.grpc.p.S.M.13": 1,
    "cluster.c.grpc.p.S.M.05": 1,
    "cluster.c.grpc.p.S.M.request_message_count": 2,
    "cluster.c.grpc.p.S.M.response_message_count": 3,
    "cluster.c.grpc.p.S.M.upstream_rq_time": 7,
  });
});

void test("methods beside a list share the stats of the cluster", () => {
  const { stats, counted } = counting();
  const names = new Map([["/p.S/M", "p.S.M"]]);
  const table = new GrpcClusterStats(stats, "grpc", { kind: "listed", names });
  for (const path of ["/p.S/M", "/p.S/N", "/x/y"]) table.of(cluster, path)!.countOutcome(true);
  assert.equal(table.of(cluster, "/x"), null);
  assert.deepEqual(counted(), {
    "cluster.c.grpc.p.S.M.success": 1,
    "cluster.c.grpc.p.S.M.total": 1,
    "cluster.c.grpc.success": 2,
    "cluster.c.grpc.total": 2,
  });
});

void test("beyond the limit of names, methods share stats, and strange statuses have none", () => {
  const { stats, counted } = counting();
  const table = new GrpcClusterStats(stats, "grpc", { kind: "all", replaceDots: true }, 2);
  table.of(cluster, "/a.b/M")!.countStatus("one");
  for (const path of ["/c/M", "/d/M"]) table.of(cluster, path)!.countStatus("two");
  assert.deepEqual(counted(), {
    "cluster.c.grpc.a_b.M.failure": 1,
    "cluster.c.grpc.a_b.M.total": 1,
    "cluster.c.grpc.a_b.M.one": 1,
    "cluster.c.grpc.failure": 2,
    "cluster.c.grpc.total": 2,
  });
});

void test("however a path doubles its slashes, it names the same method", () => {
  const { stats } = counting();
  const names = new Map([["/s/M", "s.M"]]);
  const listed = new GrpcClusterStats(stats, "grpc", { kind: "listed", names });
  const all = new GrpcClusterStats(stats, "grpc", ALL, 1);
  for (const table of [listed, all]) {
    const method = table.of(cluster, "//s/M");
    for (const path of ["/s/M", "///s//M/", "//s/M"]) assert.equal(table.of(cluster, path), method);
  }
});

void test("names that are too long are names too many", () => {
  const { stats, counted } = counting();
  const table = new GrpcClusterStats(stats, "grpc", ALL);
  table.of(cluster, `/s/${"m".repeat(600)}`)!.countStatus("x".repeat(600));
  assert.deepEqual(counted(), { "cluster.c.grpc.failure": 1, "cluster.c.grpc.total": 1 });
});
