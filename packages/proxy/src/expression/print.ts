import { isCelList, isCelMap, isCelType, isCelUint } from "@bufbuild/cel";
import type { CelValue } from "@bufbuild/cel";
import { isMessage } from "@bufbuild/protobuf";
import type { Message } from "@bufbuild/protobuf";
import { isReflectMessage } from "@bufbuild/protobuf/reflect";
import { DurationSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import { toByteString } from "../observe/format/byte-string.ts";
import { byKey, jsonNumber, quoteJson } from "../observe/format/json-text.ts";
import { isOpaque } from "./lazy-map.ts";
import { isMessageMap } from "./message-map.ts";

/** A value as `%CEL(…)%` prints it, a byte string. Maps, lists and types print their kind only, as in Envoy. */
export function printValue(value: CelValue): string {
  switch (typeof value) {
    case "string":
      return toByteString(value);
    case "number":
      return sixDigits(value);
    case "bigint":
    case "boolean":
      return String(value);
    default:
      break;
  }
  if (value === null) return "NULL";
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (isCelUint(value)) return String(value.value);
  if (isReflectMessage(value)) return printMessage(value.message);
  if (isMessageMap(value)) return messageText(value);
  return kindOf(value);
}

/** A value as `%TYPED_CEL(…)%` has it: JSON in a byte string. What has no JSON is `null`. */
export function jsonOf(value: CelValue): string {
  switch (typeof value) {
    case "string":
      return quoteJson(toByteString(value));
    case "number":
      return jsonNumber(value);
    case "bigint":
      return jsonNumber(Number(value));
    case "boolean":
      return String(value);
    default:
      break;
  }
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString("base64")}"`;
  if (isCelUint(value)) return jsonNumber(Number(value.value));
  if (isReflectMessage(value)) return messageJson(value.message);
  if (isCelList(value)) return `[${[...value].map(jsonOf).join(",")}]`;
  return isCelMap(value) && !isOpaque(value) ? mapJson(value) : "null";
}

/** Durations and timestamps are the only messages there are. */
function printMessage(message: Message): string {
  if (isMessage(message, DurationSchema)) return durationText(nanosOf(message));
  return isMessage(message, TimestampSchema) ? timestampText(message) : "";
}

function messageJson(message: Message): string {
  if (isMessage(message, DurationSchema)) return `"${durationJson(message)}"`;
  return isMessage(message, TimestampSchema) ? `"${timestampJson(message)}"` : "null";
}

function mapJson(map: Iterable<readonly [CelValue, CelValue]> & { readonly size: number }): string {
  const message = isMessageMap(map);
  const fields: [string, string][] = [];
  for (const [key, value] of map) {
    const json = jsonOf(value);
    if (message && isEmptyJson(json)) continue;
    fields.push([printValue(key), json]);
  }
  fields.sort(byKey);
  return `{${fields.map(([key, json]) => `${quoteJson(key)}:${json}`).join(",")}}`;
}

function isEmptyJson(json: string): boolean {
  return json === '""' || json === "{}" || json === "null";
}

/** Envoy prints the text format of the message, whose spaces vary from run to run; this is its JSON, or nothing. */
function messageText(value: CelValue): string {
  const json = jsonOf(value);
  return json === "{}" ? "" : json;
}

function kindOf(value: CelValue): string {
  if (isCelMap(value)) return "CelMap value";
  if (isCelList(value)) return "CelList value";
  return isCelType(value) ? "CelType value" : "";
}

/** C's `%g`: six digits. */
function sixDigits(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const text = value.toPrecision(6);
  const [mantissa = "", exponent] = text.split("e");
  if (exponent !== undefined) return `${trimZeros(mantissa)}e${padExponent(exponent)}`;
  if (value !== 0 && Math.abs(value) < 1e-4) {
    const [small = "", power = ""] = value.toExponential(5).split("e");
    return `${trimZeros(small)}e${padExponent(power)}`;
  }
  return trimZeros(text);
}

function padExponent(exponent: string): string {
  return exponent[0]! + exponent.slice(1).padStart(2, "0");
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function nanosOf({ seconds, nanos }: Duration): bigint {
  return seconds * 1_000_000_000n + BigInt(nanos);
}

/** As Abseil writes it: `1h1m1.5s`, `18.521983ms`, `241.603us`, `1ns`, `0`. */
function durationText(nanos: bigint): string {
  if (nanos === 0n) return "0";
  const sign = nanos < 0n ? "-" : "";
  const magnitude = nanos < 0n ? -nanos : nanos;
  if (magnitude < 1_000n) return `${sign}${magnitude}ns`;
  if (magnitude < 1_000_000n) return `${sign}${decimal(magnitude, 1_000n)}us`;
  if (magnitude < 1_000_000_000n) return `${sign}${decimal(magnitude, 1_000_000n)}ms`;
  const hours = magnitude / 3_600_000_000_000n;
  const minutes = (magnitude / 60_000_000_000n) % 60n;
  const seconds = magnitude % 60_000_000_000n;
  let text = sign;
  if (hours > 0n) text += `${hours}h`;
  if (minutes > 0n) text += `${minutes}m`;
  return seconds > 0n ? `${text}${decimal(seconds, 1_000_000_000n)}s` : text;
}

/** `1500` of `1000` is `1.5`. */
function decimal(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const rest = String(value % unit)
    .padStart(digits, "0")
    .replace(/0+$/, "");
  return rest === "" ? String(value / unit) : `${value / unit}.${rest}`;
}

/** The JSON form of `google.protobuf.Duration`: 0, 3, 6 or 9 digits behind the point. */
function durationJson(duration: Duration): string {
  const nanos = nanosOf(duration);
  const magnitude = nanos < 0n ? -nanos : nanos;
  const sign = nanos < 0n ? "-" : "";
  return `${sign}${magnitude / 1_000_000_000n}${fraction(Number(magnitude % 1_000_000_000n))}s`;
}

/** The JSON form of `google.protobuf.Timestamp`. */
function timestampJson({ seconds, nanos }: Timestamp): string {
  return `${secondText(seconds)}${fraction(nanos)}Z`;
}

function timestampText({ seconds, nanos }: Timestamp): string {
  const digits = nanos === 0 ? "" : `.${String(nanos).padStart(9, "0").replace(/0+$/, "")}`;
  return `${secondText(seconds)}${digits}+00:00`;
}

function secondText(seconds: bigint): string {
  return new Date(Number(seconds) * 1000).toISOString().slice(0, -5);
}

function fraction(nanos: number): string {
  if (nanos === 0) return "";
  const digits = String(nanos).padStart(9, "0");
  return `.${digits.replace(/(?:000)+$/, "")}`;
}
