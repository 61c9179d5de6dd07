import assert from "node:assert/strict";
import { test } from "node:test";
import { Runtime } from "../../../runtime/snapshot.ts";
import { CorsPolicy } from "./cors-policy.ts";

const WORKER = { random: () => 0.5, runtime: new Runtime() };

void test("each thing is said by the most specific policy that says anything", () => {
  const exact = { kind: "exact", value: "o", ignoreCase: false } as const;
  const policy = new CorsPolicy(
    [
      { allowCredentials: false, allowMethods: "A" },
      { allowMethods: "B", allowHeaders: "b", forwardNotMatchingPreflights: false },
      { allowOrigins: [exact], allowCredentials: true, exposeHeaders: "c", maxAge: "1" },
    ],
    WORKER,
  );
  assert.deepEqual(Object.fromEntries(Object.entries(policy)), {
    allowMethods: "A",
    allowHeaders: "b",
    exposeHeaders: "c",
    maxAge: "1",
    allowCredentials: false,
    allowPrivateNetworkAccess: false,
    forwardNotMatchingPreflights: false,
  });
  assert.equal(policy.allowsOrigin("o"), true);
  assert.equal(policy.allowsOrigin("*"), false);
});

void test("whether it holds at all is said by the most specific policy alone", () => {
  const share = (numerator: number) => ({ numerator, denominator: 100 }) as const;
  const off = { filterEnabled: share(0) };
  const shadow = { shadowEnabled: share(100) };
  const states = (...configs: ConstructorParameters<typeof CorsPolicy>[0]): boolean[] => {
    const policy = new CorsPolicy(configs, WORKER);
    return [policy.enabled(), policy.shadowEnabled()];
  };
  assert.deepEqual(states({}, off), [true, false]);
  assert.deepEqual(states({}, shadow), [true, false]);
  assert.deepEqual(states({ ...off, ...shadow }), [false, true]);
});
