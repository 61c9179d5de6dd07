import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeaderMap } from "@nuncio/codec";
import fc from "fast-check";
import type { RouteTableConfig } from "../http/route/model.ts";
import { buildRouteTable, type RouteTable } from "../http/route/table.ts";
import { StreamInfo } from "../observe/stream-info.ts";
import { drawOf } from "./chance.ts";
import { RouteWalker, type Walk } from "./route-walk.ts";
import { requests, tables } from "./testing/random-table.ts";

void test("the explained route is the route table's, whatever is drawn", () => {
  const draws = fc.array(fc.maxSafeNat(), { minLength: 3, maxLength: 6 });
  fc.assert(
    fc.property(tables, fc.array(requests, { minLength: 5, maxLength: 10 }), draws, checkAll),
    { numRuns: 400 },
  );
});

function checkAll(config: RouteTableConfig, many: HeaderMap[], draws: number[]): void {
  const table = tableOf(config);
  const walker = new RouteWalker(config);
  for (const headers of many) {
    const walk = walker.walk(config.virtualHosts[0]!.routes, headers, new StreamInfo());
    const context = `${headers.path} ${headers.entries.join(" ")} in ${shown(config)}`;
    checkOutcomes(walk, table, headers, context);
    for (const number of draws) {
      const expected = walk.trials.find(({ taken }) => taken?.has(number) === true);
      const found = table.match(headers, new StreamInfo(), drawOf(number));
      assert.equal(found?.routeName, expected?.route.name, context);
    }
  }
}

/** Each outcome's own number leads to it, and together they are all there is. */
function checkOutcomes(walk: Walk, table: RouteTable, headers: HeaderMap, context: string): void {
  const clusters = new Set<string>();
  let sum = 0;
  for (const { index, probability, example } of walk.outcomes) {
    const found = table.match(headers, new StreamInfo(), drawOf(example));
    assert.equal(found?.routeName, index === null ? undefined : String(index), context);
    const way = `${found?.routeName} ${found?.clusterName(headers)}`;
    assert.ok(!clusters.has(way), `${way} twice: ${context}`);
    clusters.add(way);
    sum += probability;
  }
  assert.ok(Math.abs(sum - 1) < 1e-9, `sum ${sum}: ${context}`);
}

function tableOf(config: RouteTableConfig): RouteTable {
  return buildRouteTable(config, {
    worker: { nowMs: () => 0, wallMs: () => 0 } as Parameters<typeof buildRouteTable>[1]["worker"],
    buildPerRoute: () => null,
  });
}

function shown(config: RouteTableConfig): string {
  return JSON.stringify(config.virtualHosts[0]!.routes, (_key, value: unknown) =>
    typeof value === "bigint" ? Number(value) : value,
  );
}
