import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObjectStatus } from "./object-status.ts";
import { StatusList } from "./status-list.ts";

test("a line for each object, by kind and key, each as it is now", () => {
  const list = new StatusList({ now: () => 0 });
  assert.deepEqual(lines(list), []);
  list.update(new Map([idOf("b"), idOf("a")]));
  assert.deepEqual(lines(list), ["a Accepted", "b Accepted"]);
  list.update(new Map([idOf("b", "Waiting"), idOf("aa")]));
  assert.deepEqual(lines(list), ["a Accepted", "aa Accepted", "b Waiting"]);
  list.update(new Map([["GatewayClass/a", undefined]]));
  assert.deepEqual(lines(list), ["aa Accepted", "b Waiting"]);
});

function idOf(key: string, reason = "Accepted"): [string, ObjectStatus] {
  const condition = {
    type: "Accepted",
    status: "True",
    reason,
    message: "",
    observedGeneration: 1,
  } as const;
  const status: ObjectStatus = { kind: "GatewayClass", key, status: { conditions: [condition] } };
  return [`GatewayClass/${key}`, status];
}

interface Item {
  readonly metadata: { readonly name: string };
  readonly status: { readonly conditions: readonly { readonly reason: string }[] };
}

/** Name and reason of each item. */
function lines(list: StatusList): string[] {
  const [head, ...rest] = list.toText().trim().split("\n");
  const items = rest.slice(0, -1).filter((line) => line !== "");
  assert.equal(head + items.join("") + rest.at(-1)!, JSON.stringify(JSON.parse(list.toText())));
  return items.map((line) => {
    const { metadata, status } = JSON.parse(line.replace(/,$/, "")) as Item;
    return `${metadata.name} ${status.conditions[0]!.reason}`;
  });
}
