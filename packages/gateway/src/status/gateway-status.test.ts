import assert from "node:assert/strict";
import { test } from "node:test";
import { testGateway, testListenerSet, testRoute } from "../testing/test-objects.ts";
import { GatewayTranslation } from "../testing/translate-gateways.ts";
import type { RefusedListener } from "./data-plane-state.ts";

const TWO_PORTS = [
  { name: "a", port: 80, protocol: "HTTP" },
  { name: "b", port: 81, protocol: "HTTP" },
];

function programmed(translation: GatewayTranslation, listener?: string): string | undefined {
  return translation
    .conditions("Gateway", "infra/web", listener)
    .find((one) => one.startsWith("Programmed"));
}

const SERVED = { programmed: true, reason: "Programmed", message: "runs" };

function refusal(port: number, reason: RefusedListener["reason"]): RefusedListener {
  return { listener: `infra/web/tcp-${port}`, reason, message: "no" };
}

/** What is said of a listener with which nothing is wrong but that it cannot be served. */
function notServed(accepted: string): string[] {
  const others = ["ResolvedRefs=True/ResolvedRefs", "Conflicted=False/NoConflicts"];
  return [`Accepted=${accepted}`, ...others, "Programmed=False/Invalid"];
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
  translation.dataPlanes.set("infra/web", {
    ...SERVED,
    refused: [refusal(80, "PortUnavailable")],
  });
  translation.settle();
  assert.equal(programmed(translation), "Programmed=True/Programmed");
  assert.deepEqual(
    translation.conditions("Gateway", "infra/web", "a"),
    notServed("False/PortUnavailable"),
  );
  assert.equal(programmed(translation, "b"), "Programmed=True/Programmed");
  translation.dataPlanes.set("infra/web", {
    ...SERVED,
    refused: [refusal(80, "Invalid"), refusal(81, "Invalid")],
  });
  translation.settle();
  assert.equal(programmed(translation), "Programmed=False/Invalid");
  assert.equal(translation.conditions("Gateway", "infra/web", "a")[0], "Accepted=True/Accepted");
});

test("an address that the host does not have is said of the Gateway, and is none of its addresses", () => {
  const translation = new GatewayTranslation([
    testGateway(TWO_PORTS, { addresses: [{ value: "192.0.2.1" }] }),
  ]);
  translation.dataPlanes.set("infra/web", {
    ...SERVED,
    refused: [refusal(80, "AddressNotUsable"), refusal(81, "AddressNotUsable")],
  });
  translation.settle();
  assert.equal(programmed(translation), "Programmed=False/AddressNotUsable");
  assert.deepEqual(translation.conditions("Gateway", "infra/web", "a"), notServed("True/Accepted"));
  assert.equal(translation.status("Gateway", "infra/web")?.status.addresses, undefined);
  translation.dataPlanes.set("infra/web", SERVED);
  translation.settle();
  assert.equal(programmed(translation), "Programmed=True/Programmed");
});

test("where a Gateway can be reached is told, unless it has addresses of its own", () => {
  const addresses = [{ type: "IPAddress", value: "127.0.0.9" }] as const;
  const of = (spec: object): unknown => {
    const translation = new GatewayTranslation([testGateway(TWO_PORTS, spec)]);
    translation.dataPlanes.set("infra/web", { ...SERVED, addresses });
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
