import { didYouMean } from "@nuncio/api";
import { describeValue } from "./report.ts";
import type { Check, Report } from "./report.ts";
import type { Schema } from "./schema.ts";

type Values = Record<string, unknown>;

/** Checks an object: the fields that it may have and must have, or the values of a map. */
export function objectCheck(schema: Schema, compile: (child: Schema) => Check): Check {
  const fields = schema.properties === undefined ? undefined : fieldsCheck(schema, compile);
  const entries = entriesCheck(schema, compile);
  return (value, report) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      report.add(`expected an object, got ${describeValue(value)}`);
      return;
    }
    fields?.(value as Values, report);
    entries?.(value as Values, report);
  };
}

interface Field {
  readonly check: Check;
  readonly nullable: boolean;
}

function fieldsCheck(
  schema: Schema,
  compile: (child: Schema) => Check,
): (value: Values, report: Report) => void {
  const properties = Object.entries(schema.properties ?? {});
  const fields = new Map<string, Field>(
    properties.map(([name, child]) => [
      name,
      { check: compile(child), nullable: child.nullable === true },
    ]),
  );
  const defaults = properties
    .filter(([, child]) => child.default !== undefined)
    .map(([name, child]) => ({
      name,
      nullable: child.nullable === true,
      make: maker(child.default),
    }));
  const required = schema.required ?? [];
  const isOpen =
    schema["x-kubernetes-preserve-unknown-fields"] === true ||
    schema.additionalProperties !== undefined;
  return (value, report) => {
    for (const { name, nullable, make } of defaults) {
      const present = value[name];
      if (present === undefined || (present === null && !nullable)) value[name] = make();
    }
    for (const name of Object.keys(value)) {
      const field = fields.get(name);
      if (field === undefined) {
        if (!isOpen)
          report.addWithin(name, `unknown field${didYouMean(name, fields.keys())}`, true);
        continue;
      }
      const child = value[name];
      if (child === null && !field.nullable) {
        delete value[name];
        continue;
      }
      report.path.push(name);
      field.check(child, report);
      report.path.pop();
    }
    for (const name of required)
      if (value[name] === undefined)
        report.addWithin(name, "is required, but there is nothing", true);
  };
}

/** Makes a value of its own for each object; most are no objects. */
function maker(value: unknown): () => unknown {
  if (typeof value !== "object") return () => value;
  const text = JSON.stringify(value);
  return () => JSON.parse(text) as unknown;
}

function entriesCheck(
  schema: Schema,
  compile: (child: Schema) => Check,
): ((value: Values, report: Report) => void) | undefined {
  const { additionalProperties, minProperties = 0, maxProperties = Infinity } = schema;
  const bounded = minProperties > 0 || maxProperties < Infinity;
  const isMap = typeof additionalProperties === "object";
  if (!bounded && !isMap) return undefined;
  const check = isMap ? compile(additionalProperties) : undefined;
  const nullable = isMap && additionalProperties.nullable === true;
  const known = schema.properties ?? {};
  return (value, report) => {
    const names = Object.keys(value);
    if (names.length < minProperties)
      report.add(`expected at least ${minProperties} entries, got ${names.length}`);
    if (names.length > maxProperties)
      report.add(`expected at most ${maxProperties} entries, got ${names.length}`);
    if (check === undefined) return;
    for (const name of names) {
      if (Object.hasOwn(known, name)) continue;
      if (value[name] === null && !nullable) {
        delete value[name];
        continue;
      }
      report.path.push(name);
      check(value[name], report);
      report.path.pop();
    }
  };
}
