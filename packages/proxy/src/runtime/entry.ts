import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { RuntimeEntry } from "./model.ts";
import type { Share } from "./snapshot.ts";

/** A value of a layer; `raw` is its text where there is one, else it is made of the value. */
export function runtimeEntry(value: JsonValue, raw = ""): RuntimeEntry {
  if (typeof value === "string") return { raw: raw || value, ...formsOfText(raw || value) };
  if (typeof value === "number") return { raw: raw || numberText(value), ...formsOfNumber(value) };
  if (typeof value === "boolean") return { raw: raw || String(value), bool: value };
  if (value === null || Array.isArray(value)) return { raw };
  const fraction = fractionOf(value);
  return { raw: raw || JSON.stringify(value), ...(fraction !== null && { fraction }) };
}

/** Above this a number is a double only. */
const UINT_MAX = 2 ** 64;
/** Above this a whole number is no boolean. */
const INT_MAX = 2 ** 31 - 1;

/** What stands behind the point is no part of the whole number. */
function formsOfNumber(value: number): Partial<RuntimeEntry> {
  const isUint = value >= 0 && value <= UINT_MAX;
  const isBool = Number.isInteger(value) && Math.abs(value) < INT_MAX;
  return {
    double: value,
    ...(isUint && { uint: Math.floor(Math.abs(value)) }),
    ...(isBool && { bool: value !== 0 }),
  };
}

/** A text may be a number, and is never a boolean. */
function formsOfText(text: string): Partial<RuntimeEntry> {
  const trimmed = text.trim();
  if (DECIMAL.test(trimmed) || HEXADECIMAL.test(trimmed)) return formsOfNumber(Number(trimmed));
  const lower = trimmed.toLowerCase();
  const special = SPECIAL_NUMBERS.get(lower.replace(/^[+-]/, ""));
  if (special !== undefined) return { double: lower.startsWith("-") ? -special : special };
  return {};
}

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const HEXADECIMAL = /^0[xX][0-9a-fA-F]+$/;
const SPECIAL_NUMBERS: ReadonlyMap<string, number> = new Map([
  ["inf", Infinity],
  ["infinity", Infinity],
  ["nan", NaN],
]);

const DENOMINATORS: ReadonlyMap<JsonValue, number> = new Map<JsonValue, number>([
  ["HUNDRED", 100],
  ["TEN_THOUSAND", 10_000],
  ["MILLION", 1_000_000],
]);

/**
 * Null where there is anything but a numerator and a denominator that is one. As in Envoy a numerator that is no number is 0,
 * and one below 0 is so large that it stands for all.
 */
function fractionOf({ numerator = 0, denominator = "HUNDRED", ...rest }: JsonObject): Share | null {
  const among = DENOMINATORS.get(denominator);
  if (among === undefined || Object.keys(rest).length > 0) return null;
  return { numerator: typeof numerator === "number" ? numerator >>> 0 : 0, denominator: among };
}

/** As Envoy prints a number: six significant digits. */
function numberText(value: number): string {
  const text = Number(value.toPrecision(6));
  const magnitude = Math.abs(text);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e6)) {
    const [digits, exponent] = text.toExponential().split("e") as [string, string];
    const sign = exponent[0]!;
    return `${digits}e${sign}${exponent.slice(1).padStart(2, "0")}`;
  }
  return String(text);
}
