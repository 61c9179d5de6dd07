import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../../resources/object.ts";
import { goldenCases } from "../../testing/golden.ts";
import { PlantedCertificates } from "../../testing/planted-certificates.ts";
import { plainCells, routeFixture, translated } from "../testing/translate-routes.ts";
import { clusterName, demandOf } from "./cluster-names.ts";

const certificates = await PlantedCertificates.create(["ca.test", "client.test"]);

goldenCases(new URL("testdata/", import.meta.url), (documents) => {
  const { backends, statuses } = translated(certificates.plant(documents));
  const [, policies, ofBackends] = statuses.map(plainCells);
  return certificates.hide({
    clusters: plainCells(backends.clusters),
    endpoints: plainCells(backends.endpoints),
    secrets: plainCells(backends.secrets),
    statuses: { ...policies, ...ofBackends },
  });
});

test("the name of a cluster says what it is for", () => {
  const common = { gateway: "infra/edge", group: "", namespace: "web", name: "a" };
  for (const demand of [
    { ...common, kind: "Service", port: 80, protocol: "http" as const },
    { ...common, kind: "Service", port: 80, protocol: "grpc" as const },
    {
      ...common,
      group: "gateway.nuncio.dev",
      kind: "Backend",
      port: 0,
      protocol: "tcp" as const,
      fallbacks: ["web/b", "x/fallback"],
    },
    {
      ...common,
      group: "multicluster.x-k8s.io",
      kind: "ServiceImport",
      port: 1,
      protocol: "udp" as const,
    },
  ]) {
    const cluster = clusterName(demand);
    assert.deepEqual(demandOf(cluster), { cluster, ...demand });
  }
});

test("a change of endpoints is one of endpoints alone", () => {
  const fixture = routeFixture();
  const slice = (address: string): Resource => {
    const object = {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        name: "a-1",
        namespace: "web",
        labels: { "kubernetes.io/service-name": "a" },
      },
      addressType: "IPv4",
      ports: [{ port: 8080 }],
      endpoints: [{ addresses: [address] }],
    };
    return object;
  };
  const objects = [
    {
      kind: "Gateway",
      metadata: { name: "edge", namespace: "web" },
      spec: { listeners: [{ name: "http", port: 80, protocol: "HTTP" }] },
    },
    {
      kind: "HTTPRoute",
      metadata: { name: "r", namespace: "web" },
      spec: {
        parentRefs: [{ name: "edge" }],
        rules: [{ backendRefs: [{ name: "a", port: 80 }] }],
      },
    },
    { kind: "Service", metadata: { name: "a", namespace: "web" }, spec: { ports: [{ port: 80 }] } },
    slice("10.0.0.1"),
  ];
  fixture.put(...(objects as Resource[]));
  fixture.order.settle();
  const before = fixture.order.counts();
  fixture.put(slice("10.0.0.2"));
  fixture.order.settle();
  assert.deepEqual(fixture.order.counts(), { ...before, endpoints: before["endpoints"]! + 1 });
  const { endpoints } = fixture.backends.endpoints.peek("web/edge/service/web/a/80")!;
  assert.deepEqual(endpoints, [{ address: "10.0.0.2", port: 8080 }]);
});
