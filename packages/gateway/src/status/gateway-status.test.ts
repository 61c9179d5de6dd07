import assert from "node:assert/strict";
import { test } from "node:test";
import { testGateway, testListenerSet, testRoute } from "../testing/test-objects.ts";
import { GatewayTranslation } from "../testing/translate-gateways.ts";

const TWO_PORTS = [
  { name: "a", port: 80, protocol: "HTTP" },
  { name: "b", port: 81, protocol: "HTTP" },
];

function programmed(translation: GatewayTranslation, listener?: string): string | undefined {
  return translation
    .conditions("Gateway", "infra/web", listener)
    .find((one) => one.startsWith("Programmed"));
}

test("what is translated counts as programmed until somebody says what the data plane does", () => {
  const translation = new GatewayTranslation([
    testGateway(TWO_PORTS, { allowedListeners: { namespaces: { from: "All" } } }),
    testListenerSet("more", [{ name: "c", port: 82, protocol: "HTTP" }]),
  ]);
  const ofSet = () => translation.conditions("ListenerSet", "infra/more").at(-1);
  assert.equal(programmed(translation), "Programmed=True/Programmed");
  assert.equal(ofSet(), "Programmed=True/Programmed");
  translation.dataPlanes.set("infra/web", {
    programmed: false,
    reason: "NoResources",
    message: "the process ended",
  });
  translation.settle();
  assert.equal(programmed(translation), "Programmed=False/NoResources");
  assert.equal(programmed(translation, "a"), "Programmed=False/Pending");
  assert.equal(ofSet(), "Programmed=False/ParentNotProgrammed");
});

test("a listener that the data plane does not take is said of the listener", () => {
  const translation = new GatewayTranslation([testGateway(TWO_PORTS)]);
  const refused = (listener: string, reason: "PortUnavailable" | "Invalid") => ({
    listener,
    reason,
    message: "no",
  });
  translation.dataPlanes.set("infra/web", {
    programmed: true,
    reason: "Programmed",
    message: "runs",
    refused: [refused("infra/web/tcp-80", "PortUnavailable")],
  });
  translation.settle();
  assert.equal(programmed(translation), "Programmed=True/Programmed");
  assert.deepEqual(translation.conditions("Gateway", "infra/web", "a"), [
    "Accepted=False/PortUnavailable",
    "ResolvedRefs=True/ResolvedRefs",
    "Conflicted=False/NoConflicts",
    "Programmed=False/Invalid",
  ]);
  assert.equal(programmed(translation, "b"), "Programmed=True/Programmed");
  translation.dataPlanes.set("infra/web", {
    programmed: true,
    reason: "Programmed",
    message: "runs",
    refused: [refused("infra/web/tcp-80", "Invalid"), refused("infra/web/tcp-81", "Invalid")],
  });
  translation.settle();
  assert.equal(programmed(translation), "Programmed=False/Invalid");
  assert.equal(translation.conditions("Gateway", "infra/web", "a")[0], "Accepted=True/Accepted");
});

test("an address that the host does not have is said of the Gateway, and is none of its addresses", () => {
  const translation = new GatewayTranslation([
    testGateway(TWO_PORTS, { addresses: [{ value: "192.0.2.1" }] }),
  ]);
  const state = { programmed: true, reason: "Programmed", message: "runs" };
  const refused = ["infra/web/tcp-80", "infra/web/tcp-81"].map((listener) => ({
    listener,
    reason: "AddressNotUsable" as const,
    message: "cannot bind",
  }));
  translation.dataPlanes.set("infra/web", { ...state, refused });
  translation.settle();
  assert.equal(programmed(translation), "Programmed=False/AddressNotUsable");
  assert.deepEqual(translation.conditions("Gateway", "infra/web", "a"), [
    "Accepted=True/Accepted",
    "ResolvedRefs=True/ResolvedRefs",
    "Conflicted=False/NoConflicts",
    "Programmed=False/Invalid",
  ]);
  assert.equal(translation.status("Gateway", "infra/web")?.status.addresses, undefined);
  translation.dataPlanes.set("infra/web", state);
  translation.settle();
  assert.equal(programmed(translation), "Programmed=True/Programmed");
});

test("where a Gateway can be reached is told, unless it has addresses of its own", () => {
  const addresses = [{ type: "IPAddress", value: "127.0.0.9" }] as const;
  const of = (spec: object): unknown => {
    const translation = new GatewayTranslation([testGateway(TWO_PORTS, spec)]);
    translation.dataPlanes.set("infra/web", {
      programmed: true,
      reason: "Programmed",
      message: "runs",
      addresses,
    });
    translation.settle();
    return translation.status("Gateway", "infra/web")?.status.addresses;
  };
  assert.deepEqual(of({}), addresses);
  assert.deepEqual(of({ addresses: [{ value: "127.0.0.8" }] }), [
    { type: "IPAddress", value: "127.0.0.8" },
  ]);
});

test("attached routes are counted, and only those that are accepted", () => {
  const translation = new GatewayTranslation([
    testGateway([
      { name: "a", port: 80, protocol: "HTTP" },
      { name: "b", port: 81, protocol: "HTTP", hostname: "b.example.com" },
    ]),
  ]);
  const attached = () => {
    translation.settle();
    const { listeners = [] } = translation.status("Gateway", "infra/web")?.status ?? {};
    return listeners.map(({ attachedRoutes }) => attachedRoutes);
  };
  for (let i = 0; i < 5; i++) translation.put(testRoute(`r${i}`, ["a"]));
  translation.put(testRoute("c", ["b"]));
  assert.deepEqual(attached(), [5, 0]);
  translation.store.remove("HTTPRoute", "infra/r0");
  translation.put(testRoute("b", ["a", "b"]));
  assert.deepEqual(attached(), [5, 1]);
});
