import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../../resources/object.ts";
import { testCertificate } from "../../testing/test-certificates.ts";
import { testGateway, testListenerSet, testRoute } from "../../testing/test-objects.ts";
import { GatewayTranslation } from "../../testing/translate-gateways.ts";
import { DEFAULT_GATEWAY_LIMITS } from "./limits.ts";

/** How often stages computed because of a change; those that did not are left out. */
function cost(translation: GatewayTranslation, change: () => void): Record<string, number> {
  const before = translation.counts();
  change();
  translation.settle();
  const after = Object.entries(translation.counts());
  return Object.fromEntries(
    after.map(([name, count]) => [name, count - before[name]!]).filter(([, count]) => count !== 0),
  );
}

test("a route more is a count in one status, and a look at one listener if it has filters", () => {
  const translation = new GatewayTranslation([
    testGateway([
      { name: "a", port: 80, protocol: "HTTP" },
      { name: "b", port: 81, protocol: "HTTP" },
    ]),
  ]);
  const put = (route: Resource) => cost(translation, () => translation.put(route));
  const cors = { filters: [{ type: "CORS", cors: { allowOrigins: ["*"], maxAge: 5 } }] };
  assert.deepEqual(put(testRoute("one", ["a"])), { "gateway statuses": 1 });
  assert.deepEqual(put(testRoute("two", ["a"], cors)), { listeners: 1, "gateway statuses": 1 });
  assert.deepEqual(
    translation.stages.listeners.peek("infra/web/tcp-80")?.filterChains[0]?.handler,
    { kind: "http", routeConfig: "infra/web/80", filters: ["cors"] },
  );
  const other = { ...cors, matches: [{ path: { type: "PathPrefix", value: "/a" } }] };
  assert.deepEqual(put(testRoute("two", ["a"], other)), {});
});

test("a set of headers that services of authorization are told is a filter while a route has it", () => {
  const resources = [
    testGateway([{ name: "a", port: 80, protocol: "HTTP" }]),
    {
      apiVersion: "gateway.nuncio.dev/v1alpha1",
      kind: "Backend",
      metadata: { name: "any", namespace: "infra" },
      spec: { endpoints: [{ ip: { address: "127.0.0.1", port: 1 } }] },
    } as Resource,
  ];
  const translation = new GatewayTranslation(resources, {
    limits: { ...DEFAULT_GATEWAY_LIMITS, retiredFiltersMax: 2 },
  });
  const asking = (name: string, allowedHeaders: readonly string[]): Resource => {
    const backendRef = { kind: "Backend", group: "gateway.nuncio.dev", name: "any" };
    const externalAuth = { protocol: "GRPC", backendRef, grpc: { allowedHeaders } };
    const filters = [{ type: "ExternalAuth", externalAuth }];
    return testRoute(name, ["a"], { filters, backendRefs: [backendRef] });
  };
  const put = (name: string, ...headers: string[]) =>
    cost(translation, () => translation.put(asking(name, headers)));
  const sets = () => {
    const [chain] = translation.stages.listeners.peek("infra/web/tcp-80")!.filterChains;
    assert.ok(chain?.handler.kind === "http");
    const { filters, retiredFilters = [] } = chain.handler;
    return [filters, retiredFilters].map((list) =>
      list.map((one) => (typeof one === "string" ? one : one.requestHeaders.join())),
    );
  };
  assert.deepEqual(put("one", "x-a"), { listeners: 1, "gateway statuses": 1 });
  assert.deepEqual(put("two", "X-B", "x-a"), { listeners: 1, "gateway statuses": 1 });
  assert.deepEqual(sets(), [["x-a,x-b", "x-a"], []]);
  assert.deepEqual(put("three", "x-a", "x-b"), { "gateway statuses": 1 });
  assert.deepEqual(put("two", "x-a"), {});
  assert.deepEqual(put("three", "x-a"), { listeners: 1 });
  // Data planes may still have the route that it was for.
  assert.deepEqual(sets(), [["x-a"], ["x-a,x-b"]]);
  assert.deepEqual(put("three", "x-b", "x-a"), { listeners: 1 });
  assert.deepEqual(sets(), [["x-a,x-b", "x-a"], []]);
  for (const name of ["x-c", "x-d", "x-e", "x-f"]) put("two", name);
  assert.deepEqual(sets(), [
    ["x-a,x-b", "x-a", "x-f"],
    ["x-d", "x-e"],
  ]);
});

test("a certificate that is renewed is one secret; the Gateway is looked at, and nothing behind it", async () => {
  const secret = ({ certificate, key }: Awaited<ReturnType<typeof testCertificate>>) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "a", namespace: "infra" },
    type: "kubernetes.io/tls",
    stringData: { "tls.crt": certificate, "tls.key": key },
  });
  const translation = new GatewayTranslation([
    testGateway([
      { name: "a", port: 443, protocol: "HTTPS", tls: { certificateRefs: [{ name: "a" }] } },
    ]),
    secret(await testCertificate(["a.example.com"])),
  ]);
  const renewed = secret(await testCertificate(["a.example.com"]));
  assert.deepEqual(
    cost(translation, () => translation.put(renewed)),
    { gateways: 1, "secrets of gateways": 1 },
  );
  const piece = translation.stages.secrets.peek("infra/web/secret/infra/a");
  assert.equal(piece?.kind === "certificate" && piece.privateKey, renewed.stringData["tls.key"]);
});

test("all goes with the Gateway", () => {
  const translation = new GatewayTranslation([
    testGateway([{ name: "a", port: 80, protocol: "HTTP" }]),
  ]);
  translation.store.remove("Gateway", "infra/web");
  translation.settle();
  const left = translation.everything();
  assert.deepEqual(Object.keys(left["statuses"] as object), ["GatewayClass/nuncio"]);
  for (const pieces of ["listeners", "routeConfigs", "secrets", "infrastructure"])
    assert.deepEqual(left[pieces], {});
});

test("listeners beyond the limit are those of the last ListenerSets", () => {
  const http = (name: string, port: number) => ({ name, port, protocol: "HTTP" });
  const translation = new GatewayTranslation(
    [
      testGateway([http("a", 80), http("b", 81)], {
        allowedListeners: { namespaces: { from: "All" } },
      }),
      testListenerSet("first", [http("c", 82)]),
      testListenerSet("second", [http("d", 83)]),
    ],
    { limits: { ...DEFAULT_GATEWAY_LIMITS, listenersMax: 3 } },
  );
  assert.equal(
    translation.conditions("ListenerSet", "infra/first", "c")[0],
    "Accepted=True/Accepted",
  );
  assert.equal(
    translation.conditions("ListenerSet", "infra/second", "d")[0],
    "Accepted=False/TooManyListeners",
  );
  assert.equal(translation.stages.listeners.peek("infra/web/tcp-83"), undefined);
});

test("a defect with one Gateway is told, and leaves the others alone", () => {
  const defects: string[] = [];
  const translation = new GatewayTranslation(
    [testGateway([{ name: "a", port: 80, protocol: "HTTP" }])],
    { onDefect: (stage, key, error) => defects.push(`${stage} ${key}: ${String(error)}`) },
  );
  const { spec: _, ...broken } = testGateway([]) as Resource & { readonly spec: object };
  const metadata = { ...broken.metadata, name: "broken" };
  translation.store.put({ ...broken, metadata });
  translation.settle();
  assert.match(defects.join(), /^gateways infra\/broken: TypeError/);
  assert.notEqual(translation.stages.listeners.peek("infra/web/tcp-80"), undefined);
});
