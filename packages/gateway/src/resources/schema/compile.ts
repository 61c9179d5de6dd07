import { quote } from "@nuncio/api";
import { arrayCheck } from "./array-check.ts";
import { objectCheck } from "./object-check.ts";
import { Report, describeValue } from "./report.ts";
import type { Check } from "./report.ts";
import { compileRules } from "./rules.ts";
import { enumCheck, numberCheck, stringCheck } from "./scalar-checks.ts";
import { SCHEMA_KEYWORDS } from "./schema.ts";
import type { Schema } from "./schema.ts";

/**
 * Turns a structural schema into a check, as the API server of Kubernetes reads one: unknown fields are findings, fields that
 * are null are dropped, defaults are filled in, rules in CEL run where everything below them is right.
 * @throws on a keyword or rule that is not implemented
 */
export function compileSchema(schema: Schema): Check {
  for (const keyword of Object.keys(schema))
    if (!SCHEMA_KEYWORDS.has(keyword)) throw new Error(`keyword ${quote(keyword)} is not known`);
  const checks = [bareCheck(schema), ...combinedChecks(schema)];
  const rules = compileRules(schema["x-kubernetes-validations"] ?? []);
  const all = inSequence(checks);
  const isNullable = schema.nullable === true;
  return (value, report) => {
    if (value === null && isNullable) return;
    const before = report.findings.length;
    all(value, report);
    if (rules !== undefined && report.findings.length === before) rules(value, report);
  };
}

function inSequence(checks: readonly Check[]): Check {
  const [only] = checks;
  if (only !== undefined && checks.length === 1) return only;
  return (value, report) => {
    for (const check of checks) check(value, report);
  };
}

function bareCheck(schema: Schema): Check {
  if (schema["x-kubernetes-int-or-string"] === true) return checkIntOrString;
  const ofEnum = schema.enum === undefined ? undefined : enumCheck(schema.enum);
  const ofType = typeCheck(schema);
  if (ofEnum === undefined) return ofType;
  return (value, report) => {
    const before = report.findings.length;
    ofType(value, report);
    if (report.findings.length === before) ofEnum(value, report);
  };
}

function typeCheck(schema: Schema): Check {
  switch (schema.type) {
    case "object":
      return objectCheck(schema, compileSchema);
    case "array":
      return arrayCheck(schema, compileSchema);
    case "string":
      return stringCheck(schema);
    case "integer":
    case "number":
      return numberCheck(schema);
    case "boolean":
      return checkBoolean;
    default:
      return () => {};
  }
}

const checkBoolean: Check = (value, report) => {
  if (typeof value !== "boolean") report.add(`expected true or false, got ${describeValue(value)}`);
};

const checkIntOrString: Check = (value, report) => {
  if (typeof value !== "string" && !Number.isInteger(value))
    report.add(`expected a whole number or a string, got ${describeValue(value)}`);
};

/** `oneOf` and its like hold conditions alone: they have no defaults, and say nothing of other fields. */
function combinedChecks(schema: Schema): Check[] {
  const { oneOf, anyOf, allOf, not } = schema;
  const conditions = (schemas: readonly Schema[]): Check[] =>
    schemas.map((each) => compileSchema(asCondition(each)));
  const checks: Check[] = [];
  if (allOf !== undefined) checks.push(...conditions(allOf));
  if (anyOf !== undefined) checks.push(alternatives(conditions(anyOf), (count) => count > 0));
  if (oneOf !== undefined) checks.push(alternatives(conditions(oneOf), (count) => count === 1));
  if (not !== undefined) {
    const [check] = conditions([not]);
    checks.push((value, report) => {
      if (check !== undefined && findingsOf(check, value).length === 0)
        report.add(`must not be ${describeValue(value)}`);
    });
  }
  return checks;
}

/** A condition has no types: it means those of the schema around it. */
function asCondition(schema: Schema): Schema {
  const { properties, items } = schema;
  const format = schema.format === undefined ? {} : { type: "string" as const };
  return {
    ...format,
    ...schema,
    ...(properties !== undefined && {
      type: "object",
      "x-kubernetes-preserve-unknown-fields": true,
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, asCondition(property)]),
      ),
    }),
    ...(items !== undefined && { type: "array", items: asCondition(items) }),
  };
}

/** Says of each alternative what keeps the value from it. */
function alternatives(checks: readonly Check[], isRight: (matching: number) => boolean): Check {
  return (value, report) => {
    const results = checks.map((check) => findingsOf(check, value));
    const matching = results.filter((findings) => findings.length === 0).length;
    if (isRight(matching)) return;
    if (matching > 1) {
      report.add(`matches ${matching} of ${checks.length} alternatives, expected one`);
      return;
    }
    const messages = new Set(results.map((findings) => findings[0]).map(describeFinding));
    report.add([...messages].join("; or "));
  };
}

function describeFinding(finding: Report["findings"][number] | undefined): string {
  if (finding === undefined) return "";
  const { path, message } = finding;
  return path.length === 0 ? message : `${path.join(".")}: ${message}`;
}

function findingsOf(check: Check, value: unknown): Report["findings"] {
  const report = new Report();
  check(value, report);
  return report.findings;
}
