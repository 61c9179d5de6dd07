import { isUtf8 } from "node:buffer";
import { toByteString } from "./byte-string.ts";

/** A byte string as a JSON string, quotes included. */
export function quoteJson(text: string): string {
  return `"${escapeJson(text)}"`;
}

/**
 * A byte string as the inside of a JSON string, escaped as Envoy does: UTF-8 stays as it is; where the bytes are no
 * UTF-8, every byte that is not plain ASCII becomes `\u00xx`.
 */
export function escapeJson(text: string): string {
  let special = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f)
      return isUtf8(Buffer.from(text, "latin1")) ? escapeSpecial(text) : escapeBytes(text);
    if (code < 0x20 || code === QUOTE || code === BACKSLASH) special = true;
  }
  return special ? escapeSpecial(text) : text;
}

function escapeSpecial(text: string): string {
  let out = "";
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x20 && code !== QUOTE && code !== BACKSLASH) continue;
    out += text.slice(from, i) + (SHORT_ESCAPES.get(code) ?? unicodeEscape(code));
    from = i + 1;
  }
  return out + text.slice(from);
}

function escapeBytes(text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const plain = code >= 0x20 && code <= 0x7e && code !== QUOTE && code !== BACKSLASH;
    out += plain ? text[i] : unicodeEscape(code);
  }
  return out;
}

function unicodeEscape(code: number): string {
  return "\\u" + code.toString(16).padStart(4, "0");
}

/**
 * A number as JSON, printed as Envoy does: with 15 digits in the way of C's `%.15g` (`1e+15`, `1e-05`), and exactly
 * where those do not suffice.
 */
export function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) return "null";
  if (Object.is(value, -0)) return "-0";
  if (Number(value.toPrecision(15)) !== value) {
    return Number.isInteger(value) ? BigInt(value).toString() : twoDigitExponent(String(value));
  }
  const magnitude = Math.abs(value);
  return value === 0 || (magnitude >= 1e-4 && magnitude < 1e15)
    ? String(value)
    : twoDigitExponent(value.toExponential());
}

function twoDigitExponent(text: string): string {
  return text.replace(/(?<=e[+-])\d$/, "0$&");
}

/** JSON data (metadata, filter state) as compact JSON in a byte string, keys in byte order. */
export function jsonValue(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quoteJson(toByteString(value));
    case "number":
      return jsonNumber(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return `[${value.map(jsonValue).join(",")}]`;
      return jsonObject(value as { readonly [key: string]: unknown });
    default:
      return "null";
  }
}

function jsonObject(value: { readonly [key: string]: unknown }): string {
  const fields = Object.entries(value)
    .map(([key, field]): [string, unknown] => [toByteString(key), field])
    .sort(byKey);
  return `{${fields.map(([key, field]) => `${quoteJson(key)}:${jsonValue(field)}`).join(",")}}`;
}

/** Orders entries by their byte-string keys. */
export function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SHORT_ESCAPES: ReadonlyMap<number, string> = new Map([
  [QUOTE, '\\"'],
  [BACKSLASH, "\\\\"],
  [8, "\\b"],
  [9, "\\t"],
  [10, "\\n"],
  [12, "\\f"],
  [13, "\\r"],
]);
