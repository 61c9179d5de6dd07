import assert from "node:assert/strict";
import { test } from "node:test";
import { load, Problems } from "@nuncio/api";
import type { RouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/route_pb";
import type { ReceivedResource } from "../../config/subscriptions.ts";
import { testCompileContext } from "../../config/testing/compile-context.ts";
import { Runtime } from "../../runtime/snapshot.ts";
import { resourceOf } from "../../testing/resource.ts";
import { compileHost, type CompiledHost } from "./virtual-host-compiler.ts";

const ROUTES = 150;

function routeYaml(i: number, body = `${i}`): string {
  return `{ match: { path: /${i} }, direct_response: { status: 200, body: { inline_string: "${body}" } } }`;
}

const all = Array.from({ length: ROUTES }, (_, i) => routeYaml(i));

function host(routes: readonly string[], fields = ""): ReceivedResource {
  const yaml = `{ name: h, domains: [h.test], routes: [${routes.join(", ")}] ${fields} }`;
  return resourceOf("envoy.config.route.v3.VirtualHost", yaml, "r/h");
}

function routesOf(yaml: string): RouteConfiguration {
  const file = { name: "r.yaml", content: yaml };
  return load<RouteConfiguration>("envoy.config.route.v3.RouteConfiguration", [file]).message;
}

const base = routesOf("{ name: r }");
const runtime = new Runtime();
const context = testCompileContext(new Problems({ locate: () => ({ place: null, path: "" }) }), {
  runtime,
});
const parts = { context, allowUnimplemented: false };

function compiled(
  resource: ReceivedResource,
  before?: CompiledHost,
  routes: RouteConfiguration = base,
): CompiledHost {
  const made = compileHost(resource, routes, parts, before);
  assert.ok(!("error" in made), "error" in made ? made.error : "");
  return made;
}

/** How many routes are the objects that they were. */
function kept({ config }: CompiledHost, before: CompiledHost): number {
  return config.routes.filter((one) => before.config.routes.includes(one)).length;
}

/** How many routes workers are sent. */
function sent({ posted }: CompiledHost): number {
  return posted.routes.filter((one) => !("kept" in one)).length;
}

test("a route that is as it was is neither compiled nor posted again; the whole is what it would be", () => {
  const before = compiled(host(all));
  const changes: (readonly [readonly string[], number])[] = [
    [all.with(70, routeYaml(70, "other")), 1],
    [all.toSpliced(70, 1), 0],
    [all.toSpliced(0, 0, routeYaml(999)), 1],
    [all.toReversed(), 0],
    [all.with(3, routeYaml(3, "x")).with(140, routeYaml(140, "y")), 2],
    [all, 0],
  ];
  for (const [routes, news] of changes) {
    const after = compiled(host(routes), before);
    assert.deepEqual(after.config, compiled(host(routes)).config);
    assert.equal(kept(after, before), routes.length - news);
    assert.equal(sent(after), news);
  }
  assert.equal(sent(before), ROUTES);
});

test("changes follow each other", () => {
  let last = compiled(host(all));
  let routes: readonly string[] = all;
  for (let i = 0; i < 15; i += 1) {
    routes = routes.with(i * 7, routeYaml(i * 7, "next")).toSpliced(i * 7 + 1, 1);
    const next = compiled(host(routes), last);
    assert.equal(sent(next), 1);
    last = next;
  }
  assert.deepEqual(last.config, compiled(host(routes)).config);
});

test("all is compiled again when what it is compiled with is another, or the host itself is", () => {
  const before = compiled(host(all));
  const changed = host(all.with(70, routeYaml(70, "other")));
  const whole = (after: CompiledHost): void => assert.equal(sent(after), ROUTES);
  whole(compiled(changed, before, routesOf("{ name: r }")));
  whole(compiled(host(all, ", include_request_attempt_count: true"), before));
  const checked = routesOf("{ name: r, validate_clusters: true }");
  whole(compiled(changed, compiled(host(all), undefined, checked), checked));
  whole(compiled(changed, { ...before, targets: context.targets.concat(TARGET) }));
  runtime.swap(new Map());
  whole(compiled(changed, before));
  assert.equal(sent(compiled(changed, compiled(host(all)))), 1);
});

const TARGET = { name: "", whenReady() {}, release() {} };

test("few routes are read again, all of them", () => {
  const few = all.slice(0, 99);
  const after = compiled(host(few.with(7, routeYaml(7, "other"))), compiled(host(few)));
  assert.equal(sent(after), 99);
});

test("a route that is wrong is told at its place in the whole, and nothing is taken from it", () => {
  const before = compiled(host(all));
  const wrong = "{ match: { safe_regex: { regex: '(' } }, direct_response: { status: 200 } }";
  const after = compileHost(host(all.with(70, wrong)), base, parts, before);
  assert.ok("error" in after);
  assert.match(after.error, /routes\[70\]/);
  assert.deepEqual(after, compileHost(host(all.with(70, wrong)), base, parts));
});
