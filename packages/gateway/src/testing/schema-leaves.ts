import type { Schema } from "../resources/schema/schema.ts";

/** `rules[].matches[].path.type`: the fields of a schema that have no fields of their own. `path`: of the schema; empty at the top. */
export function* leavesOf(schema: Schema, path: string): Generator<string> {
  const { properties, items } = schema;
  if (items?.properties !== undefined) yield* leavesOf(items, `${path}[]`);
  else if (properties === undefined) yield path;
  else
    for (const [field, child] of Object.entries(properties))
      yield* leavesOf(child, path === "" ? field : `${path}.${field}`);
}
