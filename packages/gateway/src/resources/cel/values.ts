import { CelError } from "./cel-error.ts";

/** `the string "a"`, `a list`: for errors. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return `${typeof value} ${JSON.stringify(value)}`;
}

/** @throws CelError when there is no such field */
export function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new CelError(`no field ${name} of ${describe(value)}`);
  if (!Object.hasOwn(value, name)) throw new CelError(`no such key: ${name}`);
  return (value as Record<string, unknown>)[name];
}

/** `value[key]`. @throws CelError when there is no such item */
export function itemAt(value: unknown, key: unknown): unknown {
  if (!Array.isArray(value)) return fieldOf(value, String(key));
  if (typeof key !== "number" || key < 0 || key >= value.length)
    throw new CelError(`no item ${String(key)} in a list of ${value.length}`);
  return value[key];
}

/** Equality of CEL: by content; values of different types are different. */
export function isEqual(left: unknown, right: unknown): boolean {
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null)
    return left === right;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => isEqual(item, right[index]));
  }
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every(
      (name) =>
        Object.hasOwn(right, name) &&
        isEqual((left as Record<string, unknown>)[name], (right as Record<string, unknown>)[name]),
    )
  );
}

/** The items of a list, or the keys of a map: what `in` and macros go over. @throws CelError for other values */
export function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "object" && value !== null) return Object.keys(value);
  throw new CelError(`expected a list or a map, got ${describe(value)}`);
}

/** A condition. @throws CelError when it is none */
export function asBoolean(value: unknown): boolean {
  if (typeof value !== "boolean")
    throw new CelError(`expected a condition, got ${describe(value)}`);
  return value;
}
