import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { Table } from "../../incremental/table.ts";
import { pipeline } from "../../pipeline.ts";
import { ResourceStore } from "../../resources/store.ts";
import type { DataPlaneState } from "../../status/data-plane-state.ts";
import { statusOf } from "../../status/status-of.ts";
import { compareCase, type Difference } from "./compare-case.ts";

// Cases of Envoy Gateway's translator with what it says of each object. They lie beside the repository, and may be missing.
const folder = new URL("../../../../../../shared/cases/gateway-api/", import.meta.url);
const skip = existsSync(folder) ? false : "the folder shared/cases/gateway-api is not there";
const names = skip === false ? readdirSync(folder) : [];

/** Differences that are meant, and why. */
interface Explanation extends Partial<Difference> {
  readonly reason: string;
}

const explanations = parse(
  readFileSync(new URL("explained.yaml", import.meta.url), "utf8"),
) as Readonly<Record<string, Explanation>>;

for (const file of names.filter((one) => one.endsWith(".in.yaml"))) {
  const name = file.slice(0, -".in.yaml".length);
  test(`the original's status: ${name}`, () => {
    const difference = compareCase(folder, name, (resources) => {
      const store = new ResourceStore();
      const dataPlanes = new Table<DataPlaneState>("data planes");
      const { order, statuses } = pipeline({ store, dataPlanes, network: "own" });
      for (const resource of resources) store.put(resource);
      order.settle();
      return (kind, key) => statusOf(statuses, `${kind}/${key}`)?.status;
    });
    const { original = [], ours = [] } = explanations[name] ?? {};
    assert.deepEqual(difference, { original, ours });
  });
}

test("explanations are of cases that are there", { skip }, () => {
  assert.deepEqual(
    Object.keys(explanations).filter((name) => !names.includes(`${name}.in.yaml`)),
    [],
  );
});
