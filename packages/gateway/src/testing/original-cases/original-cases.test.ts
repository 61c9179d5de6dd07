import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { GatewayTranslation } from "../translate-gateways.ts";
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
      const translation = new GatewayTranslation(resources);
      return (kind, key) =>
        translation.status(kind, key)?.status ?? routeStatus(translation, kind, key);
    });
    const { original = [], ours = [] } = explanations[name] ?? {};
    assert.deepEqual(difference, { original, ours });
  });
}

function routeStatus(translation: GatewayTranslation, kind: string, key: string) {
  const route = translation.routes.peek(`${kind}/${key}`);
  return route && { parents: route.parents.map((parent) => ({ ...parent, controllerName: "" })) };
}

test("explanations are of cases that are there", { skip }, () => {
  assert.deepEqual(
    Object.keys(explanations).filter((name) => !names.includes(`${name}.in.yaml`)),
    [],
  );
});
