import assert from "node:assert/strict";
import { test } from "node:test";
import { buildRouteTable } from "./table.ts";
import { naiveMatch } from "./testing/naive-table.ts";
import { RandomTables } from "./testing/random-table.ts";
import { NO_DEPS } from "./testing/route-table.ts";

/** Requests that each table is asked. */
const REQUESTS_PER_TABLE = 100;
const RANDOM_RANGE = 2 ** 53;

/**
 * Random tables asked random requests: what is compiled finds what the naive interpreter finds. `npm test` asks 100,000
 * pairs of a fixed seed. `NUNCIO_ROUTE_PAIRS=1000000 node --test random-tables.test.ts` asks more, of the seed in
 * `NUNCIO_ROUTE_SEED` where that is set; a failure names the seed, the table and the request.
 */
void test("what is compiled finds the route that the naive interpreter finds", (context) => {
  const pairs = Number(process.env["NUNCIO_ROUTE_PAIRS"] ?? 100_000);
  const seed = Number(process.env["NUNCIO_ROUTE_SEED"] ?? 1);
  const random = new RandomTables(seed);
  let found = 0;
  for (let done = 0; done < pairs; done += REQUESTS_PER_TABLE) {
    const config = random.table();
    const table = buildRouteTable(config, NO_DEPS);
    for (let i = 0; i < REQUESTS_PER_TABLE; i++) {
      const { headers, info, random: number } = random.request();
      const expected = naiveMatch(config, headers, info, Math.floor(number * RANDOM_RANGE));
      const entry = table.match(headers, info, number);
      if (expected !== null) found++;
      if ((entry?.routeName ?? null) === expected) continue;
      const at = `seed ${seed}, pair ${done + i}: ${headers.method} ${headers.authority} ${headers.path} ${headers.entries.join("|")}`;
      assert.equal(entry?.routeName ?? null, expected, `${at}\n${show(config)}`);
    }
  }
  context.diagnostic(`${pairs} pairs, ${found} with a route`);
  assert.ok(found > pairs / 5, `expected that many requests find a route, seen ${found}`);
});

function show(config: unknown): string {
  return JSON.stringify(config, (_key, value: unknown) =>
    typeof value === "bigint" ? Number(value) : value,
  );
}
