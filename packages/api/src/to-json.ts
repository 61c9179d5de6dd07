import { ScalarType, hasOption, toJson as runtimeToJson } from "@bufbuild/protobuf";
import type {
  DescEnum,
  DescField,
  DescMessage,
  JsonObject,
  JsonValue,
  Message,
} from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import type { Any } from "@bufbuild/protobuf/wkt";
import { durationNanos, formatDuration } from "./duration.ts";
import { contentOfAny } from "./load/any.ts";
import { isWrapperName, setEntry } from "./load/well-known.ts";
import { fieldValue, isUnwrapped } from "./message-walk.ts";
import { envoyTypes } from "./registry/envoy-types.ts";

const redacted = "[redacted]";

/** How a message is written. */
export interface ToJsonOptions {
  /** Replaces what is marked sensitive (`udpa.annotations.sensitive`) by "[redacted]", as Envoy's config_dump does. */
  readonly redact?: boolean;
}

/**
 * The proto3 JSON of a message with proto field names (`stat_prefix`), as Envoy writes it: fields that are not set are
 * left out, an Any is expanded with "@type" where its type is known.
 */
export function toJson(message: Message, options: ToJsonOptions = {}): JsonValue {
  return writeMessage(message, { redact: options.redact === true, sensitive: false });
}

interface Context {
  readonly redact: boolean;
  /** Inside of a sensitive field, with `redact`. */
  readonly sensitive: boolean;
}

function writeMessage(message: Message, context: Context): JsonValue {
  const desc = envoyTypes().getMessage(message.$typeName);
  if (desc === undefined) throw new Error(`no descriptor of ${message.$typeName}`);
  if (message.$typeName === "google.protobuf.Any") return writeAny(message as Any, context);
  if (message.$typeName === "google.protobuf.Duration")
    return formatDuration(durationNanos(message));
  if (hasOwnJson(desc)) {
    const json = runtimeToJson(desc, message);
    return context.sensitive ? redactJson(json) : json;
  }
  const object: JsonObject = {};
  for (const field of fieldsInOrder(desc)) {
    const value = fieldValue(message, field);
    if (value === undefined) continue;
    const inner =
      context.redact && !context.sensitive && isSensitive(field)
        ? { ...context, sensitive: true }
        : context;
    const json = writeField(field, value, inner);
    if (json !== undefined) object[field.name] = json;
  }
  return object;
}

/** Undefined where a sensitive value has no redacted form; it is left out then. */
function writeField(field: DescField, value: unknown, context: Context): JsonValue | undefined {
  switch (field.fieldKind) {
    case "list":
      return (value as unknown[]).map((item) => writeValue(field, item, context) ?? null);
    case "map": {
      const object: JsonObject = {};
      for (const [key, item] of Object.entries(value as object))
        setEntry(object, key, writeValue(field, item, context) ?? null);
      return object;
    }
    default:
      return writeValue(field, value, context);
  }
}

function writeValue(field: DescField, value: unknown, context: Context): JsonValue | undefined {
  if (field.enum !== undefined)
    return context.sensitive ? undefined : writeEnum(field.enum, value as number);
  if (field.message === undefined) return writeScalar(field.scalar, value, context);
  if (isUnwrapped(field)) return writeScalar(field.message.fields[0]!.scalar!, value, context);
  if (
    field.message.typeName === "google.protobuf.Struct" &&
    field.parent.typeName !== "google.protobuf.Value"
  ) {
    return context.sensitive ? redactJson(value as JsonObject) : (value as JsonObject);
  }
  return writeMessage(value as Message, context);
}

function writeScalar(type: ScalarType, value: unknown, context: Context): JsonValue | undefined {
  if (context.sensitive) {
    if (type === ScalarType.STRING) return redacted;
    return type === ScalarType.BYTES ? base64Encode(Buffer.from(redacted)) : undefined;
  }
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return base64Encode(value);
  if (typeof value !== "number") return value as JsonValue;
  if (!Number.isFinite(value)) return String(value);
  return type === ScalarType.FLOAT ? shortestFloat(value) : value;
}

/** The number with the fewest digits that is the same 32-bit float, as C++ prints it. */
function shortestFloat(value: number): number {
  const float = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(float.toPrecision(digits));
    if (Math.fround(candidate) === float) return candidate;
  }
  return float;
}

function writeEnum(type: DescEnum, value: number): JsonValue {
  return type.value[value]?.name ?? value;
}

function writeAny(any: Any, context: Context): JsonValue {
  if (any.typeUrl === "") return {};
  const content = contentOfAny(any);
  if (content === undefined) return { "@type": any.typeUrl, value: base64Encode(any.value) };
  const json = writeMessage(content, context);
  const isObject = typeof json === "object" && json !== null && !Array.isArray(json);
  const desc = envoyTypes().getMessage(content.$typeName);
  return isObject && !(desc !== undefined && hasOwnJson(desc))
    ? { "@type": any.typeUrl, ...json }
    : { "@type": any.typeUrl, value: json };
}

/** Strings become "[redacted]", other values are dropped (null in lists). */
function redactJson(json: JsonValue): JsonValue {
  if (typeof json === "string") return redacted;
  if (Array.isArray(json)) return json.map(redactJson);
  if (typeof json !== "object" || json === null) return null;
  const object: JsonObject = {};
  for (const [key, value] of Object.entries(json)) setEntry(object, key, redactJson(value));
  return object;
}

function hasOwnJson(desc: DescMessage): boolean {
  const name = desc.typeName.startsWith("google.protobuf.")
    ? desc.typeName.slice("google.protobuf.".length)
    : "";
  return (
    isWrapperName(desc.typeName) ||
    ["Timestamp", "Duration", "Struct", "Value", "ListValue", "FieldMask"].includes(name)
  );
}

const orders = new WeakMap<DescMessage, readonly DescField[]>();

function fieldsInOrder(desc: DescMessage): readonly DescField[] {
  let order = orders.get(desc);
  if (order === undefined) {
    order = desc.fields.toSorted((a, b) => a.number - b.number);
    orders.set(desc, order);
  }
  return order;
}

function isSensitive(field: DescField): boolean {
  const option = envoyTypes().getExtension("udpa.annotations.sensitive");
  return option !== undefined && hasOption(field, option);
}
