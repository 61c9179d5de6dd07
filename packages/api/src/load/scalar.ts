import { ScalarType } from "@bufbuild/protobuf";
import type { DescEnum } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { didYouMean } from "./suggest.ts";
import type { TextNode } from "./text-node.ts";
import { describeNode, quote } from "./text-node.ts";

/** Returned instead of a value that cannot be read; `message` is the text of the error. */
export class Mismatch {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

const integerRanges: Partial<Record<ScalarType, readonly [bigint, bigint, string]>> = {
  [ScalarType.INT32]: [-(2n ** 31n), 2n ** 31n - 1n, "a 32-bit integer"],
  [ScalarType.SINT32]: [-(2n ** 31n), 2n ** 31n - 1n, "a 32-bit integer"],
  [ScalarType.SFIXED32]: [-(2n ** 31n), 2n ** 31n - 1n, "a 32-bit integer"],
  [ScalarType.UINT32]: [0n, 2n ** 32n - 1n, "an unsigned 32-bit integer"],
  [ScalarType.FIXED32]: [0n, 2n ** 32n - 1n, "an unsigned 32-bit integer"],
  [ScalarType.INT64]: [-(2n ** 63n), 2n ** 63n - 1n, "a 64-bit integer"],
  [ScalarType.SINT64]: [-(2n ** 63n), 2n ** 63n - 1n, "a 64-bit integer"],
  [ScalarType.SFIXED64]: [-(2n ** 63n), 2n ** 63n - 1n, "a 64-bit integer"],
  [ScalarType.UINT64]: [0n, 2n ** 64n - 1n, "an unsigned 64-bit integer"],
  [ScalarType.FIXED64]: [0n, 2n ** 64n - 1n, "an unsigned 64-bit integer"],
};

const longTypes: ReadonlySet<ScalarType> = new Set([
  ScalarType.INT64,
  ScalarType.SINT64,
  ScalarType.SFIXED64,
  ScalarType.UINT64,
  ScalarType.FIXED64,
]);

/**
 * Reads a scalar field as proto3 JSON has it: numbers also from strings, bytes from base64, 64-bit integers as bigint.
 * Booleans are taken from strings too, as Envoy does.
 */
export function readScalar(
  type: ScalarType,
  node: TextNode,
): string | number | bigint | boolean | Uint8Array | Mismatch {
  switch (type) {
    case ScalarType.STRING:
      return readString(node);
    case ScalarType.BOOL:
      return readBoolean(node);
    case ScalarType.BYTES:
      return readBytes(node);
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return readFraction(type, node);
    default:
      return readInteger(type, node);
  }
}

/** Reads an enum by name, in any case as Envoy does, or by number. Numbers without a name are left to validation. */
export function readEnum(type: DescEnum, node: TextNode): number | Mismatch {
  if (node.kind === "scalar") {
    if (typeof node.value === "number" && Number.isInteger(node.value)) return node.value;
    if (typeof node.value === "string") {
      const name = node.value;
      const exact = type.values.find((value) => value.name === name);
      if (exact !== undefined) return exact.number;
      if (/^-?[0-9]{1,9}$/.test(name)) return Number(name);
      const upper = name.toUpperCase();
      const found = type.values.find((value) => value.name.toUpperCase() === upper);
      if (found !== undefined) return found.number;
      return new Mismatch(
        `unknown value ${quote(name)} of ${type.typeName}${valuesToName(type, name)}`,
      );
    }
  }
  return new Mismatch(`expected ${namesOf(type)}, got ${describeNode(node)}`);
}

/** The names of an enum's values, at most eight of them. */
function namesOf(type: DescEnum): string {
  const names = type.values.map((value) => value.name);
  return names.length <= 8
    ? `one of ${names.join(", ")}`
    : `one of ${names.slice(0, 8).join(", ")} and ${names.length - 8} more`;
}

function valuesToName(type: DescEnum, seen: string): string {
  const near = didYouMean(
    seen.replaceAll("-", "_"),
    type.values.map((value) => value.name),
  );
  return near === "" ? `, expected ${namesOf(type)}` : near;
}

function readString(node: TextNode): string | Mismatch {
  if (node.kind !== "scalar") return new Mismatch(`expected a string, got ${describeNode(node)}`);
  if (typeof node.value === "string") return node.value;
  const seen = describeNode(node);
  if (node.text !== String(node.value) && node.text !== "") {
    return new Mismatch(
      `expected a string, got ${seen}: YAML 1.1 reads ${node.text} so, quote it ("${node.text}")`,
    );
  }
  return new Mismatch(`expected a string, got ${seen}, quote it ("${node.text}")`);
}

function readBoolean(node: TextNode): boolean | Mismatch {
  if (node.kind === "scalar") {
    if (typeof node.value === "boolean") return node.value;
    const word = typeof node.value === "string" ? node.value.toLowerCase() : "";
    if (word === "true" || word === "false") return word === "true";
  }
  return new Mismatch(`expected true or false, got ${describeNode(node)}`);
}

function readBytes(node: TextNode): Uint8Array | Mismatch {
  if (node.kind === "scalar" && node.bytes !== undefined) return node.bytes;
  if (node.kind !== "scalar" || typeof node.value !== "string") {
    return new Mismatch(`expected bytes as a base64 string, got ${describeNode(node)}`);
  }
  try {
    return base64Decode(node.value);
  } catch {
    return new Mismatch(`expected bytes as a base64 string, got ${describeNode(node)}`);
  }
}

const decimal = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/;
const hexadecimal = /^0[xX][0-9a-fA-F]+$/;
const notFinite: ReadonlyMap<string, number> = new Map([
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);

function readFraction(type: ScalarType, node: TextNode): number | Mismatch {
  const value = node.kind === "scalar" ? numberOf(node.value) : undefined;
  if (value === undefined) return new Mismatch(`expected a number, got ${describeNode(node)}`);
  if (type === ScalarType.FLOAT && Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
    return new Mismatch(`expected a number that fits 32 bits, got ${value}`);
  }
  return value;
}

function numberOf(value: string | number | boolean | null): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  if (decimal.test(value) || hexadecimal.test(value)) return Number(value);
  return notFinite.get(value);
}

function readInteger(type: ScalarType, node: TextNode): number | bigint | Mismatch {
  const [least, most, name] = integerRanges[type] ?? [0n, 0n, ""];
  const value = node.kind === "scalar" ? integerOf(node.value, node.text) : undefined;
  if (value === undefined) return new Mismatch(`expected ${name}, got ${describeNode(node)}`);
  if (value < least || value > most)
    return new Mismatch(`expected ${least} to ${most}, got ${value}`);
  return longTypes.has(type) ? value : Number(value);
}

/** An integer in any of the forms that JSON allows: 1, "1", 1.0, 1e3. The text keeps digits that a double loses. */
function integerOf(value: string | number | boolean | null, text: string): bigint | undefined {
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  const digits = typeof value === "number" ? text : value;
  if (typeof digits !== "string") return undefined;
  if (/^-?[0-9]+$/.test(digits) || hexadecimal.test(digits)) return BigInt(digits);
  const number = decimal.test(digits) ? Number(digits) : NaN;
  return Number.isInteger(number) ? BigInt(number) : undefined;
}
