import assert from "node:assert/strict";
import { test } from "node:test";
import type { IrRedirect, IrRoute } from "../../ir/route.ts";
import { ListenerRedirects } from "./listener-redirects.ts";

const action: IrRedirect = { kind: "redirect", statusCode: 302 };
const route: IrRoute = {
  name: "httproute/ns/r/rule/0/match/0",
  match: { path: { kind: "prefix", value: "/" }, headers: [], queryParams: [] },
  action,
};

test("a route is told once for each port and protocol of listeners", () => {
  const redirects = new ListenerRedirects();
  const ports = (told: readonly IrRoute[]) => told.map((one) => (one.action as IrRedirect).port);
  const http = { protocol: "HTTP", port: 8080 };
  const first = redirects.told(route, action, http);
  assert.deepEqual(ports(first), [8080]);
  assert.equal(redirects.told(route, action, { ...http }), first);
  assert.deepEqual(ports(redirects.told(route, action, { ...http, port: 8081 })), [8081]);
  assert.deepEqual(ports(redirects.told(route, action, { protocol: "HTTPS", port: 443 })), [
    undefined,
  ]);
  assert.notEqual(redirects.told({ ...route }, action, http), first);
});
