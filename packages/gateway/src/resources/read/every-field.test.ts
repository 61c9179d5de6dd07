import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { GATEWAY_GROUP } from "../kinds.ts";
import { formatResourceProblem } from "../problem.ts";
import type { Schema } from "../schema/schema.ts";
import { allSchemas } from "../schema/schemas.ts";
import { readResources } from "./read-resources.ts";

const name = "every-field.yaml";
const content = readFileSync(new URL(`../testdata/${name}`, import.meta.url));

/** `spec.rules.name`: every field of a schema. */
function* fieldsOf(schema: Schema, path: string): Generator<string> {
  for (const [field, child] of Object.entries(schema.properties ?? {})) {
    yield `${path}.${field}`;
    yield* fieldsOf(child, `${path}.${field}`);
  }
  if (schema.items !== undefined) yield* fieldsOf(schema.items, path);
}

function* fieldsIn(value: unknown, path: string): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [field, child] of Object.entries(value)) {
    const own = Array.isArray(value) ? path : `${path}.${field}`;
    yield own;
    yield* fieldsIn(child, own);
  }
}

test("every field of Gateway API, experimental ones too, is read", () => {
  const { resources, problems } = readResources({ name, content });
  assert.deepEqual(problems.map(formatResourceProblem), []);
  const there = new Set(
    resources.flatMap(({ resource }) => [...fieldsIn(resource, resource.kind)]),
  );
  const missing = [...allSchemas()]
    .filter(({ kind, version }) => kind.group === GATEWAY_GROUP && version === "v1")
    .flatMap(({ kind, schema }) => [
      ...fieldsOf(schema.properties?.["spec"] ?? {}, `${kind.kind}.spec`),
    ])
    .filter((field) => !there.has(field));
  assert.deepEqual(missing, []);
});
