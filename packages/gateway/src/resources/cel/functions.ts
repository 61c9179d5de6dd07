import { isIP } from "node:net";
import { compilePattern } from "../schema/pattern.ts";
import { CelError } from "./cel-error.ts";
import { durationNanoseconds } from "./duration.ts";
import type { Step } from "./step.ts";
import { describe } from "./values.ts";

type Function = (...args: unknown[]) => unknown;

/** `size(list)` and so on: functions that rules of our schemas call. */
const functions: Readonly<Record<string, Function>> = {
  size: sizeOf,
  duration: (text) => durationNanoseconds(stringOf(text)),
  isIP: (text) => isAddress(stringOf(text)),
  isCIDR: (text) => isNetwork(stringOf(text)),
};

/** `text.startsWith(other)` and so on. */
const methods: Readonly<Record<string, Function>> = {
  size: sizeOf,
  contains: (text, other) => stringOf(text).includes(stringOf(other)),
  startsWith: (text, other) => stringOf(text).startsWith(stringOf(other)),
  endsWith: (text, other) => stringOf(text).endsWith(stringOf(other)),
  split: (text, separator) => stringOf(text).split(stringOf(separator)),
  substring: (text, from, to) => substring(stringOf(text), from, to),
};

/** @throws Error for a function that is not implemented */
export function callFunction(name: string, args: readonly Step[]): Step {
  const called = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (called === undefined) throw new Error(`function ${name}() of CEL is not implemented`);
  return (frame) => called(...args.map((arg) => arg(frame)));
}

/**
 * @param constant the first argument where it stands in the rule: patterns are compiled once
 * @throws Error for a method that is not implemented
 */
export function callMethod(
  name: string,
  receiver: Step,
  args: readonly Step[],
  constant: unknown,
): Step {
  if (name === "matches") {
    if (typeof constant !== "string") throw new Error("matches() of CEL needs a constant pattern");
    const matches = compilePattern(constant);
    return (frame) => matches(stringOf(receiver(frame)));
  }
  const called = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (called === undefined) throw new Error(`method ${name}() of CEL is not implemented`);
  return (frame) => called(receiver(frame), ...args.map((arg) => arg(frame)));
}

function stringOf(value: unknown): string {
  if (typeof value !== "string") throw new CelError(`expected a string, got ${describe(value)}`);
  return value;
}

function sizeOf(value: unknown): number {
  if (typeof value === "string") return Array.from(value).length;
  if (Array.isArray(value)) return value.length;
  if (typeof value === "object" && value !== null) return Object.keys(value).length;
  throw new CelError(`no size of ${describe(value)}`);
}

/** Counts characters; the end is not part of it. */
function substring(text: string, from: unknown, to: unknown): string {
  const characters = Array.from(text);
  const end = to ?? characters.length;
  const isRange = typeof from === "number" && typeof end === "number";
  if (!isRange || from < 0 || from > end || end > characters.length)
    throw new CelError(`no such part of ${describe(text)}`);
  return characters.slice(from, end).join("");
}

/** As Kubernetes takes addresses: no zone, and no IPv4 in the form of IPv6. */
function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes("%") && !/^[0:]*:ffff:[0-9.]+$/i.test(text);
}

function isNetwork(text: string): boolean {
  const slash = text.lastIndexOf("/");
  const bits = text.slice(slash + 1);
  if (slash < 0 || !/^(?:0|[1-9][0-9]{0,2})$/.test(bits)) return false;
  const address = text.slice(0, slash);
  return isAddress(address) && Number(bits) <= (isIP(address) === 4 ? 32 : 128);
}
