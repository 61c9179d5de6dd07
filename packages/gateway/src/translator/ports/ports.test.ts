import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../../resources/object.ts";
import { goldenCases } from "../../testing/golden.ts";
import { testGateway } from "../../testing/test-objects.ts";
import { GatewayTranslation } from "../../testing/translate-gateways.ts";
import { portConflicts } from "./port-conflicts.ts";

goldenCases(new URL("testdata/", import.meta.url), (documents) => {
  const translation = new GatewayTranslation(documents as Resource[]);
  const { statuses, listeners, infrastructure } = translation.everything();
  return { statuses, listeners, infrastructure };
});

test("addresses meet that are the same, or all of their family", () => {
  const meet = (a: string[], b: string[]): boolean => {
    const [older, younger] = [a, b].map((addresses, index) => ({
      key: `ns/${index}`,
      age: {},
      ports: ["tcp-80"],
      addresses,
    }));
    return portConflicts([younger!, older!])["ns/1"] !== undefined;
  };
  for (const [a, b] of [
    [["10.0.0.1"], ["10.0.0.1"]],
    [["10.0.0.2", "10.0.0.1"], ["10.0.0.1"]],
    [["10.0.0.1"], ["0.0.0.0"]],
    [["0.0.0.0"], ["10.0.0.1"]],
    [["::"], ["fd00::1"]],
    [["fd00::1"], ["::"]],
    [["fd00::1"], ["FD00:0:0::0001"]],
    [["0.0.0.0", "::"], ["fd00::1"]],
  ] as const)
    assert.ok(meet([...a], [...b]), `${a.join()} and ${b.join()}`);
  for (const [a, b] of [
    [["10.0.0.1"], ["10.0.0.2"]],
    [["0.0.0.0"], ["::"]],
    [["0.0.0.0"], ["fd00::1"]],
    [["::"], ["10.0.0.1"]],
  ] as const)
    assert.ok(!meet([...a], [...b]), `${a.join()} and ${b.join()}`);
});

function gateway(name: string, { port = 80, ...spec }: { port?: number; addresses?: object[] }) {
  const web = testGateway([{ name: "http", port, protocol: "HTTP" }], spec);
  return { ...web, metadata: { ...web.metadata, name } };
}

test("who has no port has it when the older one goes, and only those of the port are looked at", () => {
  const own = (index: number) => [{ type: "IPAddress", value: `10.0.0.${index}` }];
  const others = Array.from({ length: 5 }, (_, index) =>
    gateway(`other-${index}`, { port: 81, addresses: own(index + 1) }),
  );
  const translation = new GatewayTranslation([...others, gateway("a", {}), gateway("b", {})]);
  const accepted = (name: string) => translation.conditions("Gateway", `infra/${name}`, "http")[0];
  assert.equal(accepted("a"), "Accepted=True/Accepted");
  assert.equal(accepted("b"), "Accepted=False/PortUnavailable");
  assert.equal(translation.stages.listeners.peek("infra/b/tcp-80"), undefined);

  const before = translation.counts();
  translation.store.remove("Gateway", "infra/a");
  translation.settle();
  const after = translation.counts();
  assert.equal(accepted("b"), "Accepted=True/Accepted");
  assert.notEqual(translation.stages.listeners.peek("infra/b/tcp-80"), undefined);
  const cost = (stage: string): number => after[stage]! - before[stage]!;
  assert.equal(cost("port conflicts"), 1);
  assert.equal(cost("gateways with their ports"), 1, "of b alone");
});

test("a Gateway that has no port leaves its other addresses to those behind it", () => {
  const at = (value: string) => ({ addresses: [{ type: "IPAddress", value }] });
  const translation = new GatewayTranslation([
    gateway("a", at("127.0.0.1")),
    gateway("b", at("0.0.0.0")),
    gateway("c", at("127.0.0.2")),
  ]);
  const served = (name: string) => translation.stages.listeners.peek(`infra/${name}/tcp-80`);
  assert.deepEqual(
    ["a", "b", "c"].map((name) => served(name) !== undefined),
    [true, false, true],
  );
});

test("a Gateway of etcd that comes later leaves a port to the one that has it, whatever their names", () => {
  const made = (name: string, createRevision: number): Resource => {
    const one = gateway(name, {});
    return { ...one, metadata: { ...one.metadata, createRevision } };
  };
  const translation = new GatewayTranslation([made("b", 5)]);
  translation.put(made("a", 9));
  translation.settle();
  const accepted = (name: string) => translation.conditions("Gateway", `infra/${name}`, "http")[0];
  assert.equal(accepted("b"), "Accepted=True/Accepted");
  assert.equal(accepted("a"), "Accepted=False/PortUnavailable");
});
