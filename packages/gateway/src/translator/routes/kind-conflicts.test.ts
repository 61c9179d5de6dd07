import assert from "node:assert/strict";
import { test } from "node:test";
import { StageOrder } from "../../incremental/stage-order.ts";
import { Table } from "../../incremental/table.ts";
import { kindConflicts, lostListeners } from "./kind-conflicts.ts";
import type { RouteClaim } from "./route-claims.ts";

function claim(kind: "HTTPRoute" | "GRPCRoute", name: string, domains: string[]): RouteClaim {
  return {
    kind,
    key: `web/${name}`,
    // The names are in the order of age.
    age: {},
    parents: [
      {
        parentRef: { name: "edge" },
        gateway: "web/edge",
        attachments: [{ listener: "l", domains }],
      },
    ],
  };
}

function losers(...routes: readonly RouteClaim[]): string[] {
  const claims = new Table<RouteClaim>("claims");
  const stage = kindConflicts(claims);
  const lost = lostListeners(stage);
  for (const route of routes) claims.set(`${route.kind}/${route.key}`, route);
  new StageOrder([stage]).settle();
  return Array.from(lost.entries(), ([key]) => key).toSorted();
}

test("of routes of two kinds with a name in common the older one stays", () => {
  const older = claim("GRPCRoute", "a", ["a.test"]);
  assert.deepEqual(losers(older, claim("HTTPRoute", "b", ["a.test", "b.test"])), [
    "HTTPRoute/web/b",
  ]);
  assert.deepEqual(losers(older, claim("HTTPRoute", "0", ["a.test"])), ["GRPCRoute/web/a"]);
  assert.deepEqual(losers(older, claim("HTTPRoute", "b", ["*.test"])), ["HTTPRoute/web/b"]);
  assert.deepEqual(losers(older, claim("HTTPRoute", "b", ["*"])), ["HTTPRoute/web/b"]);
  assert.deepEqual(
    losers(claim("GRPCRoute", "a", ["*.test"]), claim("HTTPRoute", "b", ["x.y.test"])),
    ["HTTPRoute/web/b"],
  );
});

test("routes without a name in common, or of one kind, do not meet", () => {
  assert.deepEqual(
    losers(claim("GRPCRoute", "a", ["a.test"]), claim("HTTPRoute", "b", ["b.test"])),
    [],
  );
  assert.deepEqual(
    losers(claim("HTTPRoute", "a", ["a.test"]), claim("HTTPRoute", "b", ["a.test"])),
    [],
  );
});

test("a route that is not accepted is in nobody's way", () => {
  const routes = [
    claim("HTTPRoute", "a", ["a.test"]),
    claim("GRPCRoute", "b", ["a.test", "c.test"]),
    claim("HTTPRoute", "c", ["c.test"]),
  ];
  assert.deepEqual(losers(...routes), ["GRPCRoute/web/b"]);
});
