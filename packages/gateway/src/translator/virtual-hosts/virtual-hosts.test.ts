import assert from "node:assert/strict";
import { test } from "node:test";
import { goldenCases } from "../../testing/golden.ts";
import { plainCells, routeFixture, translated } from "../testing/translate-routes.ts";

goldenCases(new URL("testdata/", import.meta.url), (documents) => {
  const { routes } = translated(documents);
  const hosts = Object.entries(plainCells(routes.virtualHosts));
  return Object.fromEntries(
    hosts.map(([name, { domain, otherDomains, routes: rules }]) =>
      name.endsWith(domain) ? [name, rules] : [name, { domain, otherDomains, routes: rules }],
    ),
  );
});

const GATEWAY = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: { name: "edge", namespace: "web" },
  spec: { listeners: [{ name: "http", port: 80, protocol: "HTTP" }] },
};

function service(name: string) {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "web" },
    spec: { ports: [{ port: 80 }] },
  };
}

function route(i: number, path = "/") {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: `r${i}`, namespace: "web" },
    spec: {
      parentRefs: [{ name: "edge" }],
      hostnames: [`h${i}.test`],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: path } }],
          backendRefs: [{ name: `s${i % 10}`, port: 80 }],
        },
      ],
    },
  };
}

test("a changed route costs itself and its virtual host", () => {
  const fixture = routeFixture();
  fixture.put(GATEWAY, ...Array.from({ length: 10 }, (_, i) => service(`s${i}`)));
  for (let i = 0; i < 200; i++) fixture.put(route(i));
  fixture.order.settle();
  const before = fixture.order.counts();
  assert.equal(before["virtual hosts"], 202);
  assert.equal(before["clusters"], 10);
  fixture.put(route(7, "/other"));
  fixture.order.settle();
  const after = fixture.order.counts();
  const cost = Object.entries(after).map(([name, count]) => [name, count - before[name]!]);
  assert.deepEqual(Object.fromEntries(cost.filter(([, count]) => count !== 0)), {
    "route claims": 1,
    routes: 1,
    "virtual hosts": 1,
    "route statuses": 1,
  });
  const host = fixture.routes.virtualHosts.peek("web/edge/80/h7.test");
  assert.equal(host?.routes[0]?.match.path.value, "/other");
});

test("a changed route of many on one host leaves the others what they are, and in their order", () => {
  const fixture = routeFixture();
  fixture.put(GATEWAY, ...Array.from({ length: 10 }, (_, i) => service(`s${i}`)));
  const shared = (i: number, path = `/p${i}`) => {
    const one = route(i, path);
    return { ...one, spec: { ...one.spec, hostnames: ["h.test"] } };
  };
  for (let i = 0; i < 50; i++) fixture.put(shared(i));
  fixture.order.settle();
  const routesOfHost = () => fixture.routes.virtualHosts.peek("web/edge/80/h.test")!.routes;
  const before = routesOfHost();
  fixture.put(shared(7, "/a/longer/path"));
  fixture.order.settle();
  const after = routesOfHost();
  assert.equal(after[0]?.match.path.value, "/a/longer/path");
  const others = before.filter(({ match }) => match.path.value !== "/p7");
  assert.equal(others.length, 49);
  assert.ok(after.slice(1).every((one, i) => one === others[i]));
  const counts = fixture.order.counts();
  const same = shared(7, "/a/longer/path");
  fixture.put({ ...same, metadata: { ...same.metadata, generation: 2 } });
  fixture.order.settle();
  assert.equal(fixture.order.counts()["routes"], counts["routes"]! + 1);
  assert.equal(fixture.order.counts()["virtual hosts"], counts["virtual hosts"]);
});

test("a virtual host goes with the last route that names it, not while its listener does", () => {
  const fixture = routeFixture();
  const unnamed = { ...route(2), spec: { ...route(2).spec, hostnames: [] } };
  fixture.put(GATEWAY, route(1), unnamed);
  fixture.order.settle();
  const names = () => [...fixture.routes.virtualHosts.entries()].map(([name]) => name).toSorted();
  assert.deepEqual(names(), ["web/edge/80/*", "web/edge/80/h1.test"]);
  fixture.store.remove("HTTPRoute", "web/r1");
  fixture.store.remove("HTTPRoute", "web/r2");
  fixture.order.settle();
  assert.deepEqual(names(), ["web/edge/80/*"]);
  assert.deepEqual(fixture.routes.virtualHosts.peek("web/edge/80/*")?.routes, []);
});
