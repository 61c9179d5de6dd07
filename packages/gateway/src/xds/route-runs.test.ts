import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { IrRoute } from "../ir/route.ts";
import { encoded } from "./message.ts";
import { routeRuns, type RouteRun } from "./route-runs.ts";
import { virtualHostMessage } from "./virtual-host.ts";

function route(name: string, path = name): IrRoute {
  return {
    name: `httproute/ns/${name}/rule/0/match/0`,
    match: { path: { kind: "prefix", value: `/${path}` }, headers: [], queryParams: [] },
    action: { kind: "directResponse", statusCode: 404 },
  };
}

function bytesOf(runs: readonly RouteRun[]): Buffer {
  return Buffer.concat(runs.map(({ bytes }) => bytes));
}

/** What the whole message has behind its other fields. */
function expected(routes: readonly IrRoute[]): Buffer {
  const host = { name: "g/c/d", gateway: "g", routeConfig: "g/c", domain: "d" };
  const head = encoded(virtualHostMessage({ ...host, routes: [] })).length;
  return Buffer.from(encoded(virtualHostMessage({ ...host, routes })).subarray(head));
}

const many = Array.from({ length: 1000 }, (_, i) => route(`r${i}`));

test("runs are the routes of the message, and there are many of them", () => {
  const runs = routeRuns(many, []);
  assert.deepEqual(bytesOf(runs), expected(many));
  assert.deepEqual(
    runs.flatMap(({ routes }) => routes),
    many,
  );
  assert.ok(runs.length > 8, `${runs.length}`);
});

test("a route that changes or comes is encoded, and no other one; runs that it is not in stay", () => {
  const before = routeRuns(many, []);
  const kept = (routes: readonly IrRoute[]): number => {
    const news: IrRoute[] = [];
    const runs = routeRuns(routes, before, (one) => {
      news.push(one);
      return Uint8Array.from(expected([one]));
    });
    assert.deepEqual(
      news,
      routes.filter((one) => !many.includes(one)),
    );
    assert.deepEqual(bytesOf(runs), expected(routes));
    return runs.filter((run) => before.includes(run)).length;
  };
  const changes = [many.with(500, route("r500", "other")), many.toSpliced(500, 1)];
  changes.push(many.toSpliced(500, 0, route("new")), many.toSpliced(0, 1), many.slice(0, -1));
  changes.push([...many, route("last")]);
  // Where a run ends with the route, the one behind is part of it from now on.
  for (const routes of changes) assert.ok(kept(routes) >= before.length - 2);
  assert.equal(kept(many), before.length);
});

test("equal routes have equal runs, whatever they were before", () => {
  const some = fc.subarray(many.slice(0, 200), { minLength: 150 });
  fc.assert(
    fc.property(fc.array(some, { minLength: 2, maxLength: 5 }), (states) => {
      let runs: RouteRun[] = [];
      for (const routes of states) runs = routeRuns(routes, runs);
      assert.deepEqual(runs, routeRuns(states.at(-1)!, []));
      assert.deepEqual(bytesOf(runs), expected(states.at(-1)!));
    }),
  );
});
