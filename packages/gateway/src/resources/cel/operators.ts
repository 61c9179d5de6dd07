import { CelError } from "./cel-error.ts";
import { describe, isEqual, itemsOf } from "./values.ts";

type Operation = (left: unknown, right: unknown) => unknown;

const operations: Readonly<Record<string, Operation>> = {
  "==": isEqual,
  "!=": (left, right) => !isEqual(left, right),
  in: (item, container) => itemsOf(container).some((each) => isEqual(each, item)),
  "+": add,
  "-": (left, right) => numberOf(left) - numberOf(right),
  "<": (left, right) => compare(left, right) < 0,
  "<=": (left, right) => compare(left, right) <= 0,
  ">": (left, right) => compare(left, right) > 0,
  ">=": (left, right) => compare(left, right) >= 0,
};

/** @throws Error for an operator that is not implemented */
export function binaryOperation(operator: string): Operation {
  const operation = operations[operator];
  if (operation === undefined) throw new Error(`operator ${operator} of CEL is not implemented`);
  return operation;
}

function add(left: unknown, right: unknown): unknown {
  if (typeof left === "number" && typeof right === "number") return left + right;
  if (typeof left === "string" && typeof right === "string") return left + right;
  if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
  throw new CelError(`no sum of ${describe(left)} and ${describe(right)}`);
}

function numberOf(value: unknown): number {
  if (typeof value !== "number") throw new CelError(`expected a number, got ${describe(value)}`);
  return value;
}

function compare(left: unknown, right: unknown): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string")
    return left < right ? -1 : left > right ? 1 : 0;
  throw new CelError(`no order of ${describe(left)} and ${describe(right)}`);
}
