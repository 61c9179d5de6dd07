import type { DescEnum, DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { durationNanos, formatDuration } from "../duration.ts";
import { isWrapperName } from "../load/well-known.ts";
import type { Check } from "./range-rules.ts";
import { boundsCheck } from "./range-rules.ts";
import { RuleSet } from "./rule-set.ts";
import { booleanCheck, bytesCheck, firstProblem, numberCheck, stringCheck } from "./value-rules.ts";

/** What `validate.rules` asks of one field, ready to run. */
export interface FieldRules {
  /** The field must be set (fields with presence only). */
  readonly required: boolean;
  /** The messages in it are not looked into. */
  readonly skipped: boolean;
  /** Of the whole value: of a list or map, its size. */
  readonly check: Check<unknown> | undefined;
  readonly checkItem: Check<unknown> | undefined;
  readonly checkKey: Check<unknown> | undefined;
}

interface Mutable {
  required: boolean;
  skipped: boolean;
  check: Check<unknown> | undefined;
  checkItem: Check<unknown> | undefined;
  checkKey: Check<unknown> | undefined;
}

/**
 * Compiles the rules of one field (message `validate.FieldRules`).
 * @throws when they use a rule that is not supported; a test compiles all rules of the descriptor set
 */
export function compileFieldRules(
  field: DescField,
  desc: DescMessage,
  message: Message,
): FieldRules {
  const compiled: Mutable = {
    required: false,
    skipped: false,
    check: undefined,
    checkItem: undefined,
    checkKey: undefined,
  };
  const rules = new RuleSet(desc, message);
  const messageRules = takeNested(rules, desc, "message");
  if (messageRules !== undefined) {
    compiled.required = messageRules.take<boolean>("required") === true;
    compiled.skipped = messageRules.take<boolean>("skip") === true;
    messageRules.finish();
  }
  const repeated = takeNested(rules, desc, "repeated");
  const map = takeNested(rules, desc, "map");
  if (repeated !== undefined) compileRepeated(compiled, repeated, field, desc);
  else if (map !== undefined) compileMap(compiled, map, field, desc);
  else compiled.check = compileValue(compiled, rules, field, desc);
  rules.finish();
  return compiled;
}

function compileRepeated(
  compiled: Mutable,
  rules: RuleSet,
  field: DescField,
  desc: DescMessage,
): void {
  const checks: Check<unknown[]>[] = [];
  const size = sizeCheck(
    rules.take<bigint>("min_items"),
    rules.take<bigint>("max_items"),
    "item(s)",
  );
  if (size !== undefined) checks.push((list) => size(list.length));
  if (rules.take<boolean>("unique") === true) {
    checks.push((list) =>
      new Set(list).size === list.length ? undefined : "repeated value must contain unique items",
    );
  }
  compiled.checkItem = compileItem(rules.take<Message>("items"), field, desc);
  rules.finish();
  if (checks.length > 0) compiled.check = (list) => firstProblem(checks, list as unknown[]);
}

function compileMap(compiled: Mutable, rules: RuleSet, field: DescField, desc: DescMessage): void {
  const size = sizeCheck(
    rules.take<bigint>("min_pairs"),
    rules.take<bigint>("max_pairs"),
    "pair(s)",
  );
  if (size !== undefined) compiled.check = (map) => size(Object.keys(map as object).length);
  compiled.checkKey = compileItem(rules.take<Message>("keys"), field, desc);
  compiled.checkItem = compileItem(rules.take<Message>("values"), field, desc);
  rules.finish();
}

function compileItem(
  message: Message | undefined,
  field: DescField,
  desc: DescMessage,
): Check<unknown> | undefined {
  if (message === undefined) return undefined;
  const item = compileFieldRules(field, desc, message);
  if (item.skipped || item.checkItem !== undefined)
    throw new Error(`rules of the items of ${field.toString()} are not supported`);
  return item.check;
}

/** The rules of a single value: of the field itself, of an item, of a key. */
function compileValue(
  compiled: Mutable,
  rules: RuleSet,
  field: DescField,
  desc: DescMessage,
): Check<unknown> | undefined {
  for (const { name } of desc.oneofs.flatMap((oneof) => oneof.fields)) {
    const nested = takeNested(rules, desc, name);
    if (nested === undefined) continue;
    const required = nested.take<boolean>("required") === true;
    compiled.required ||= required;
    const check = compileKind(name, nested, field);
    nested.finish();
    if (
      check === undefined ||
      field.message === undefined ||
      !isWrapperName(field.message.typeName)
    )
      return check;
    // In lists, maps and oneofs a wrapper is a message.
    return (value) =>
      check(typeof value === "object" && value !== null && "value" in value ? value.value : value);
  }
  return undefined;
}

function compileKind(kind: string, rules: RuleSet, field: DescField): Check<unknown> | undefined {
  switch (kind) {
    case "string":
      return stringCheck(rules) as Check<unknown> | undefined;
    case "bytes":
      return bytesCheck(rules) as Check<unknown> | undefined;
    case "bool":
      return booleanCheck(rules) as Check<unknown> | undefined;
    case "enum":
      return enumCheck(rules, field) as Check<unknown> | undefined;
    case "duration":
      return durationCheck(rules) as Check<unknown> | undefined;
    case "any":
    case "timestamp":
      return undefined;
    default:
      return numberCheck(rules) as Check<unknown> | undefined;
  }
}

function enumCheck(rules: RuleSet, field: DescField): Check<number> | undefined {
  const type: DescEnum | undefined = field.enum;
  const definedOnly = rules.take<boolean>("defined_only") === true;
  const refused = rules.take<number[]>("not_in") ?? [];
  if (type === undefined || (!definedOnly && refused.length === 0)) return undefined;
  const names = (numbers: readonly number[]): string =>
    numbers.map((number) => type.value[number]?.name ?? number).join(", ");
  return (value) => {
    if (definedOnly && type.value[value] === undefined) {
      return `value must be one of the defined enum values (${names(type.values.map(({ number }) => number))}), got ${value}`;
    }
    return refused.includes(value)
      ? `value must not be in list [${names(refused)}], got ${names([value])}`
      : undefined;
  };
}

function durationCheck(rules: RuleSet): Check<Message> | undefined {
  const bound = (name: string): bigint | undefined => {
    const message = rules.take<Message>(name);
    return message === undefined ? undefined : durationNanos(message);
  };
  const bounds = { lt: bound("lt"), lte: bound("lte"), gt: bound("gt"), gte: bound("gte") };
  const check = boundsCheck(bounds, (a, b) => (a < b ? -1 : a > b ? 1 : 0), formatDuration);
  return check === undefined ? undefined : (value) => check(durationNanos(value));
}

function sizeCheck(
  least: bigint | undefined,
  most: bigint | undefined,
  unit: string,
): Check<number> | undefined {
  if (least === undefined && most === undefined) return undefined;
  return (size) => {
    if (least !== undefined && size < least)
      return `value must contain at least ${least} ${unit}, got ${size}`;
    if (most !== undefined && size > most)
      return `value must contain no more than ${most} ${unit}, got ${size}`;
    return undefined;
  };
}

function takeNested(rules: RuleSet, desc: DescMessage, name: string): RuleSet | undefined {
  const message = rules.take<Message>(name);
  const nested = desc.fields.find((field) => field.name === name)?.message;
  return message === undefined || nested === undefined ? undefined : new RuleSet(nested, message);
}
