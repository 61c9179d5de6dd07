import assert from "node:assert/strict";
import { test } from "node:test";
import { writeStatus, type WrittenStatus } from "./written-status.ts";

const THEN = "2026-01-01T00:00:00Z";
const NOW = "2026-01-02T00:00:00Z";

function said(type: string, status: "True" | "False", reason = "R", observedGeneration = 1) {
  return { type, status, reason, message: "m", observedGeneration } as const;
}

function times(status: WrittenStatus): string[] {
  const { conditions } = status as {
    conditions: { type: string; lastTransitionTime: string }[];
  };
  return conditions.map(({ type, lastTransitionTime }) => `${type} ${lastTransitionTime}`);
}

test("a condition has the time since when its status is the same", () => {
  const first = writeStatus(
    { conditions: [said("Accepted", "True"), said("Programmed", "False")] },
    undefined,
    THEN,
  );
  assert.deepEqual(times(first), [`Accepted ${THEN}`, `Programmed ${THEN}`]);
  const second = writeStatus(
    { conditions: [said("Accepted", "True", "Other", 2), said("Programmed", "True")] },
    first,
    NOW,
  );
  assert.deepEqual(times(second), [`Accepted ${THEN}`, `Programmed ${NOW}`]);
});

test("nothing new is nothing to write", () => {
  const ours = { conditions: [said("Accepted", "True")], addresses: [] };
  const first = writeStatus(ours, undefined, THEN);
  assert.equal(writeStatus(ours, first, NOW), first);
});

test("a message is no longer than an API server takes", () => {
  const of = (message: string): string => {
    const conditions = [{ ...said("Accepted", "True"), message }];
    const written = writeStatus({ conditions }, undefined, NOW) as {
      conditions: typeof conditions;
    };
    return written.conditions[0]!.message;
  };
  assert.equal(of("m".repeat(32_768)), "m".repeat(32_768));
  assert.equal(of("m".repeat(32_769)), `${"m".repeat(32_767)}…`);
});

test("conditions of others stay; ours that are not said any more go", () => {
  const before = {
    conditions: [
      { ...said("example.com/Healthy", "True"), lastTransitionTime: THEN },
      { ...said("OverlappingTLSConfig", "True"), lastTransitionTime: THEN },
    ],
  };
  const written = writeStatus({ conditions: [said("Accepted", "True")] }, before, NOW);
  assert.deepEqual(times(written), [`Accepted ${NOW}`, `example.com/Healthy ${THEN}`]);
});

test("listeners keep their times by name, and addresses that are gone are gone", () => {
  const listener = (name: string, status: "True" | "False") => ({
    name,
    supportedKinds: [],
    attachedRoutes: 0,
    conditions: [said("Accepted", status)],
  });
  const first = writeStatus(
    {
      addresses: [{ type: "IPAddress", value: "127.0.0.1" }],
      listeners: [listener("a", "True"), listener("b", "True")],
    },
    undefined,
    THEN,
  );
  const second = writeStatus(
    { listeners: [listener("b", "True"), listener("a", "False"), listener("c", "True")] },
    first,
    NOW,
  ) as { listeners: { name: string; conditions: { lastTransitionTime: string }[] }[] };
  assert.deepEqual(
    second.listeners.map(({ name, conditions }) => [name, conditions[0]?.lastTransitionTime]),
    [
      ["b", THEN],
      ["a", NOW],
      ["c", NOW],
    ],
  );
  assert.equal("addresses" in second, false);
});

test("parents of other controllers stay, ours are replaced and keep their times", () => {
  const ours = "nuncio.dev/gateway-controller";
  const parent = (controllerName: string, name: string) => ({
    controllerName,
    parentRef: { name },
    conditions: [said("Accepted", "True")],
  });
  const stamped = (controllerName: string, name: string) => ({
    ...parent(controllerName, name),
    conditions: [{ ...said("Accepted", "True"), lastTransitionTime: THEN }],
  });
  const before = {
    parents: [stamped(ours, "a"), stamped("example.com/other", "a"), stamped(ours, "gone")],
  };
  const written = writeStatus({ parents: [parent(ours, "b"), parent(ours, "a")] }, before, NOW);
  const { parents } = written as typeof before;
  assert.deepEqual(
    parents.map((one) => [
      one.controllerName,
      one.parentRef.name,
      one.conditions[0]?.lastTransitionTime,
    ]),
    [
      ["example.com/other", "a", THEN],
      [ours, "b", NOW],
      [ours, "a", THEN],
    ],
  );
});
