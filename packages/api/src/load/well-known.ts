import { create } from "@bufbuild/protobuf";
import type { JsonObject, JsonValue, Message } from "@bufbuild/protobuf";
import { DurationSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { Mismatch } from "./scalar.ts";
import type { MapNode, TextNode } from "./text-node.ts";
import { describeNode } from "./text-node.ts";

// google/protobuf/duration.proto and timestamp.proto: about 10,000 years each way, and the years 1 to 9999.
const durationSecondsMax = 315_576_000_000;
const timestampSecondsMin = -62_135_596_800;
const timestampSecondsMax = 253_402_300_799;

const wrapperNames: ReadonlySet<string> = new Set(
  ["Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes"].map(
    (kind) => `google.protobuf.${kind}Value`,
  ),
);

/** Whether a type is one of google/protobuf/wrappers.proto, whose JSON is that of the value in it. */
export function isWrapperName(typeName: string): boolean {
  return wrapperNames.has(typeName);
}

/** A Duration from `5s` or `0.25s`, at most nine digits after the point. */
export function readDuration(node: TextNode): Message | Mismatch {
  const text = node.kind === "scalar" ? node.value : undefined;
  const match = typeof text === "string" ? /^(-?)([0-9]+)(?:\.([0-9]{1,9}))?s$/.exec(text) : null;
  if (match === null)
    return new Mismatch(`expected a duration such as "5s" or "0.25s", got ${describeNode(node)}`);
  const sign = match[1] === "-" ? -1 : 1;
  const seconds = Number(match[2]);
  if (seconds > durationSecondsMax) {
    return new Mismatch(
      `expected a duration of at most ${durationSecondsMax}s, got ${describeNode(node)}`,
    );
  }
  const nanos = Number((match[3] ?? "").padEnd(9, "0"));
  return create(DurationSchema, {
    seconds: BigInt(sign * seconds),
    nanos: nanos === 0 ? 0 : sign * nanos,
  });
}

/** A Timestamp from RFC 3339 text, at most nine digits after the point. */
export function readTimestamp(node: TextNode): Message | Mismatch {
  const text = node.kind === "scalar" ? node.value : undefined;
  const match =
    typeof text === "string"
      ? /^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})$/.exec(
          text,
        )
      : null;
  const milliseconds = match === null ? NaN : Date.parse(`${match[1]}${match[3]}`);
  const seconds = milliseconds / 1000;
  if (!(seconds >= timestampSecondsMin && seconds <= timestampSecondsMax)) {
    return new Mismatch(
      `expected a time such as "2026-01-31T12:00:00Z", got ${describeNode(node)}`,
    );
  }
  return create(TimestampSchema, {
    seconds: BigInt(seconds),
    nanos: Number((match?.[2] ?? "").padEnd(9, "0")),
  });
}

/** The plain JSON of a node: what a google.protobuf.Struct field holds. */
export function plainJson(node: TextNode): JsonValue {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(plainJson);
    case "map":
      return plainObject(node);
  }
}

/** A mapping as JSON, for `google.protobuf.Struct`. */
export function plainObject(node: MapNode): JsonObject {
  const object: JsonObject = {};
  for (const { key, value } of node.entries) setEntry(object, key, plainJson(value));
  return object;
}

/** Sets a key that comes from a text; `__proto__` becomes a key like any other. */
export function setEntry<Value>(object: Record<string, Value>, key: string, value: Value): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else {
    object[key] = value;
  }
}
