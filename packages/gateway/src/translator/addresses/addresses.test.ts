import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../../resources/object.ts";
import { testGateway } from "../../testing/test-objects.ts";
import { GatewayTranslation } from "../../testing/translate-gateways.ts";
import { addressesOf, isIn } from "./address-range.ts";
import { assignAddresses } from "./assign-addresses.ts";

test("the addresses of a pool that hosts can have", () => {
  for (const [entry, expected] of [
    ["10.0.0.7", ["10.0.0.7"]],
    ["10.0.0.5/30", ["10.0.0.5", "10.0.0.6"]],
    ["10.0.0.4/31", ["10.0.0.4", "10.0.0.5"]],
    ["10.0.0.4/32", ["10.0.0.4"]],
    ["fd00::/126", ["fd00::1", "fd00::2", "fd00::3"]],
    ["fd00::1:ffff/127", ["fd00::1:fffe", "fd00::1:ffff"]],
  ] as const)
    assert.deepEqual([...addressesOf(entry)], expected, entry);
  const [first, second] = addressesOf("10.255.255.254/0");
  assert.deepEqual([first, second], ["0.0.0.1", "0.0.0.2"]);
});

test("whether an address is one of a pool", () => {
  const pool = ["10.0.0.0/30", "10.1.0.1", "fd00::/64"];
  for (const inside of ["10.0.0.2", "10.1.0.1", "fd00::7"]) assert.ok(isIn(pool, inside), inside);
  for (const outside of ["10.0.0.4", "10.1.0.2", "fd01::7"])
    assert.ok(!isIn(pool, outside), outside);
});

test("who has an address keeps it; the older ones choose first; none is given twice", () => {
  const demand = (key: string, createdAt?: string, fixed: string[] = []) => ({
    key,
    age: createdAt === undefined ? {} : { createdAtMs: Date.parse(createdAt) },
    fixed,
    pool: fixed.length > 0 ? [] : ["10.0.0.0/29"],
  });
  const first = assignAddresses(
    [demand("b", "2026-01-02T00:00:00Z"), demand("a", "2026-01-03T00:00:00Z")],
    {},
  );
  assert.deepEqual(first, { b: "10.0.0.1", a: "10.0.0.2" });
  const older = demand("c", "2026-01-01T00:00:00Z");
  assert.deepEqual(assignAddresses([demand("a"), older], first), {
    a: "10.0.0.2",
    c: "10.0.0.1",
  });
  assert.deepEqual(assignAddresses([demand("a"), demand("f", undefined, ["10.0.0.2"])], first), {
    a: "10.0.0.1",
  });
});

function gateway(name: string): Resource {
  const web = testGateway([{ name: "http", port: 80, protocol: "HTTP" }], {
    infrastructure: {
      parametersRef: { group: "gateway.nuncio.dev", kind: "NuncioProxy", name: "pool" },
    },
  });
  return { ...web, metadata: { ...web.metadata, name } };
}

test("Gateways without addresses have one of the pool each, until none is left", () => {
  const pool = {
    apiVersion: "gateway.nuncio.dev/v1alpha1",
    kind: "NuncioProxy",
    metadata: { name: "pool", namespace: "infra" },
    spec: { addressPool: ["127.0.1.1", "127.0.1.2"] },
  };
  const translation = new GatewayTranslation([pool, gateway("a"), gateway("b"), gateway("c")]);
  const listensOn = (name: string) =>
    translation.stages.listeners.peek(`infra/${name}/tcp-80`)?.addresses;
  assert.deepEqual(["a", "b", "c"].map(listensOn), [["127.0.1.1"], ["127.0.1.2"], undefined]);
  assert.deepEqual(translation.stages.infrastructure.peek("infra/a")?.addresses, ["127.0.1.1"]);
  assert.equal(translation.stages.infrastructure.peek("infra/c"), undefined);
  assert.deepEqual(translation.status("Gateway", "infra/b")?.status.addresses, [
    { type: "IPAddress", value: "127.0.1.2" },
  ]);
  assert.deepEqual(
    translation.conditions("Gateway", "infra/c").at(-1),
    "Programmed=False/AddressNotAssigned",
  );
  translation.store.remove("Gateway", "infra/a");
  translation.settle();
  assert.deepEqual(["a", "b", "c"].map(listensOn), [undefined, ["127.0.1.2"], ["127.0.1.1"]]);
});

test("without addresses and pool it is all addresses, as far as the host has them", () => {
  const listensOn = (anyAddress: "::" | "0.0.0.0") => {
    const web = testGateway([{ name: "http", port: 80, protocol: "HTTP" }]);
    const { stages } = new GatewayTranslation([web], { anyAddress });
    const { addresses, ipv4Compat } = stages.listeners.peek("infra/web/tcp-80")!;
    return { addresses, ipv4Compat };
  };
  assert.deepEqual(listensOn("::"), { addresses: ["::"], ipv4Compat: true });
  assert.deepEqual(listensOn("0.0.0.0"), { addresses: ["0.0.0.0"], ipv4Compat: undefined });
});
