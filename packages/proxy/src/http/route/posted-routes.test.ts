import assert from "node:assert/strict";
import { test } from "node:test";
import type { RouteConfig, VirtualHostConfig } from "./model.ts";
import { joinedHost, postedRoutes } from "./posted-routes.ts";

function route(name: string): RouteConfig {
  return {
    name,
    match: { path: { kind: "exact", value: `/${name}` } },
    action: { kind: "direct_response", status: 200, body: "" },
  };
}

function host(routes: readonly RouteConfig[]): VirtualHostConfig {
  return {
    name: "h",
    domains: ["h.test"],
    requireTls: "none",
    includeRequestAttemptCount: false,
    includeAttemptCountInResponse: false,
    routes,
  };
}

const [a, b, c, d] = ["a", "b", "c", "d"].map(route) as [
  RouteConfig,
  RouteConfig,
  RouteConfig,
  RouteConfig,
];
const n = route("n");

test("what is posted says which routes stay, and has those that do not", () => {
  assert.deepEqual(postedRoutes(Int32Array.of(0, 1, -1, 3), [n]), [
    { kept: 0, count: 2 },
    n,
    { kept: 3, count: 1 },
  ]);
  assert.deepEqual(postedRoutes(Int32Array.of(-1, -1), [a, n]), [a, n]);
  assert.deepEqual(postedRoutes(Int32Array.of(), []), []);
});

test("a worker joins it with the virtual host before: the same objects, in their new order", () => {
  const before = host([a, b, c, d]);
  const orders = [[0, 1, -1, 3], [3, 2, 1, 0], [-1, 0, 1, 2, 3], [1, 1], []];
  for (const order of orders) {
    const routes = postedRoutes(Int32Array.from(order), [n]);
    const posted = { ...before, before: "old.test", routes };
    const joined = joinedHost(posted, (domain) => (domain === "old.test" ? before : undefined));
    const expected = order.map((from) => (from === -1 ? n : before.routes[from]!));
    assert.deepEqual(joined, host(expected));
    assert.ok(joined.routes.every((one, i) => one === expected[i]));
  }
});

test("a whole virtual host is what it is", () => {
  const whole = host([a]);
  assert.equal(
    joinedHost(whole, () => undefined),
    whole,
  );
});
