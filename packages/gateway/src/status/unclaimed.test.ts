import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../resources/object.ts";
import { testGateway, testListenerSet, testRoute } from "../testing/test-objects.ts";
import { GatewayTranslation } from "../testing/translate-gateways.ts";
import { UnclaimedWatch } from "./unclaimed.ts";

function withSpec(object: Resource, spec: object): Resource {
  return { ...object, spec: { ...(object as { spec?: object }).spec, ...spec } } as Resource;
}

const HTTP = [{ name: "http", port: 80, protocol: "HTTP" }];

/** A BackendTLSPolicy for these objects. */
function policy(...targetRefs: readonly object[]): Resource {
  const metadata = { name: "tls", namespace: "infra" };
  const spec = { targetRefs, validation: { hostname: "a.b", wellKnownCACertificates: "System" } };
  const object = { apiVersion: "gateway.networking.k8s.io/v1", kind: "BackendTLSPolicy" };
  return { ...object, metadata, spec } as Resource;
}

test("what nobody has to do with is told, and why", () => {
  const translation = new GatewayTranslation([
    testGateway(HTTP, { gatewayClassName: "nunco" }),
    testListenerSet("set", HTTP),
    withSpec(testRoute("none", []), {}),
    withSpec(testRoute("asks", []), { useDefaultGateways: "All" }),
    withSpec(testRoute("typo", []), {
      parentRefs: [{ name: "wbe" }, { kind: "Service", name: "mesh", group: "" }],
    }),
    { apiVersion: "v1", kind: "Service", metadata: { name: "shop", namespace: "infra" } },
    policy(
      { group: "apps", kind: "Deployment", name: "shop" },
      { group: "", kind: "Service", name: "shpo" },
      { group: "", kind: "Service", name: "shop" },
    ),
  ]);
  const watch = new UnclaimedWatch(translation.store, translation.stages.statuses);
  assert.deepEqual(Object.fromEntries(watch.take()), {
    "Gateway/infra/web":
      'gatewayClassName: GatewayClass nunco does not exist, did you mean "nuncio"?',
    "ListenerSet/infra/set": "parentRef: Gateway infra/web is not served here",
    "HTTPRoute/infra/none": "parentRefs: none is given",
    "HTTPRoute/infra/asks": "useDefaultGateways: there is no Gateway with defaultScope: All",
    "HTTPRoute/infra/typo":
      'parentRefs[0]: Gateway infra/wbe does not exist, did you mean "web"?; parentRefs[1]: Service infra/mesh is no Gateway',
    "BackendTLSPolicy/infra/tls":
      'targetRefs[0]: expected a kind that is one of Service, multicluster.x-k8s.io/ServiceImport, gateway.nuncio.dev/Backend, got apps/Deployment; targetRefs[1]: Service infra/shpo does not exist, did you mean "shop"?; targetRefs[2]: no route sends anything to Service infra/shop',
  });
  assert.equal(watch.take().size, 0, "once");
  translation.put(testGateway(HTTP));
  translation.settle();
  assert.equal(watch.take().size, 0);
  translation.store.remove("Gateway", "infra/web");
  translation.settle();
  assert.deepEqual([...watch.take().keys()], ["ListenerSet/infra/set"], "it has lost its Gateway");
});
