import assert from "node:assert/strict";
import { test } from "node:test";
import { Demands, type DemandWaiter } from "./demands.ts";
import type { Demand } from "./model.ts";

const DEMAND: Demand = { kind: "virtual_host", routeConfigId: 1, host: "a" };

function waiter(told: string[], name: string): DemandWaiter {
  return { onDemandMet: (found) => told.push(`${name} ${found}`) };
}

test("main is asked once for all who wait; who gave up is not told, and the next one asks anew", () => {
  const posted: Demand[] = [];
  const told: string[] = [];
  const demands = new Demands(
    (demand) => posted.push(demand),
    (error) => assert.fail(String(error)),
  );
  const gone = waiter(told, "gone");
  assert.equal(demands.ask(DEMAND, waiter(told, "one")), true);
  assert.equal(demands.ask({ ...DEMAND }, gone), true);
  demands.ask({ ...DEMAND, host: "b" }, waiter(told, "other"));
  demands.giveUp(DEMAND, gone);
  demands.met({ ...DEMAND }, true);
  assert.deepEqual(told, ["one true"]);
  demands.met(DEMAND, true);
  demands.ask(DEMAND, waiter(told, "two"));
  assert.deepEqual(
    posted.map((demand) => (demand.kind === "virtual_host" ? demand.host : demand.name)),
    ["a", "b", "a"],
  );
  demands.met(DEMAND, false);
  assert.deepEqual(told, ["one true", "two false"]);
});

test("what a waiter throws keeps nobody else from being told", () => {
  const told: string[] = [];
  const thrown: unknown[] = [];
  const demands = new Demands(
    () => {},
    (error) => thrown.push(error),
  );
  const error = new Error("planted");
  demands.ask(DEMAND, {
    onDemandMet() {
      throw error;
    },
  });
  demands.ask(DEMAND, waiter(told, "one"));
  demands.met(DEMAND, true);
  assert.deepEqual([told, thrown], [["one true"], [error]]);
});

test("where nobody is there to ask, nobody waits", () => {
  const demands = new Demands(null, () => {});
  assert.equal(demands.ask(DEMAND, waiter([], "one")), false);
});
