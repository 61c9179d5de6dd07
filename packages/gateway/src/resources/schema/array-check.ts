import { quote } from "@nuncio/api";
import { describeValue } from "./report.ts";
import type { Check, Report } from "./report.ts";
import type { Schema } from "./schema.ts";

/** Checks a list: its length, its items, and that none is there twice where the list is a set or a map. */
export function arrayCheck(schema: Schema, compile: (child: Schema) => Check): Check {
  const { items, minItems = 0, maxItems = Infinity } = schema;
  const check = items === undefined ? undefined : compile(items);
  const unique = uniqueCheck(schema);
  return (value, report) => {
    if (!Array.isArray(value)) {
      report.add(`expected a list, got ${describeValue(value)}`);
      return;
    }
    if (value.length < minItems)
      report.add(`expected at least ${minItems} items, got ${value.length}`);
    if (value.length > maxItems) {
      // What is too long is not looked at any further: nobody reads as many problems.
      report.add(`expected at most ${maxItems} items, got ${value.length}`);
      return;
    }
    if (check !== undefined) {
      for (let index = 0; index < value.length; index++) {
        report.path.push(index);
        check(value[index], report);
        report.path.pop();
      }
    }
    if (unique !== undefined && value.length > 1) unique(value, report);
  };
}

function uniqueCheck(
  schema: Schema,
): ((items: readonly unknown[], report: Report) => void) | undefined {
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  switch (schema["x-kubernetes-list-type"]) {
    case "set":
      return (items, report) =>
        reportRepeats(items, report, (item) => JSON.stringify(item), describeValue);
    case "map":
      return (items, report) =>
        reportRepeats(
          items,
          report,
          (item) => keyOfItem(item, keys),
          (item) => describeKeys(item, keys),
        );
    default:
      return undefined;
  }
}

function reportRepeats(
  items: readonly unknown[],
  report: Report,
  identity: (item: unknown) => string | undefined,
  describe: (item: unknown) => string,
): void {
  const seen = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const id = identity(item);
    if (id === undefined) continue;
    const first = seen.get(id);
    if (first === undefined) seen.set(id, index);
    else report.addWithin(index, `duplicate of item ${first}: ${describe(item)}`);
  }
}

function keyOfItem(item: unknown, keys: readonly string[]): string | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  return JSON.stringify(keys.map((key) => (item as Record<string, unknown>)[key]));
}

function describeKeys(item: unknown, keys: readonly string[]): string {
  const fields = item as Record<string, unknown>;
  return keys
    .map((key) => {
      const value = fields[key];
      return `${key} ${typeof value === "string" ? quote(value) : String(value)}`;
    })
    .join(", ");
}
