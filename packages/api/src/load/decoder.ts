import { ScalarType, create, fromJson, toJson } from "@bufbuild/protobuf";
import type { DescField, DescMessage, JsonValue, Message } from "@bufbuild/protobuf";
import type { Problems } from "../problems.ts";
import { decodeAny } from "./any-decoder.ts";
import { fieldsByKey } from "./field-names.ts";
import { nodeOfJson } from "./json-node.ts";
import type { DecoderContext, MessageReader } from "./message-reader.ts";
import type { Origin, Origins } from "./origins.ts";
import { pathOf, pathStep } from "./origins.ts";
import { Mismatch, readEnum, readScalar } from "./scalar.ts";
import type { SourceText } from "./source-text.ts";
import { didYouMean } from "./suggest.ts";
import { entriesOfTextFormat } from "./text-format-map.ts";
import type { MapNode, TextNode } from "./text-node.ts";
import { describeNode, quote } from "./text-node.ts";
import {
  isWrapperName,
  plainJson,
  plainObject,
  readDuration,
  readTimestamp,
  setEntry,
} from "./well-known.ts";

type FieldValues = Record<string, unknown>;

/** Turns the nodes of one text into messages, and reports everything that does not fit, each with its place. */
export class Decoder implements MessageReader {
  readonly context: DecoderContext;
  readonly #text: SourceText | null;
  readonly #isTextFormat: boolean;
  readonly #origins: Origins;
  readonly #problems: Problems;
  readonly #depthMax: number;
  #depth = 0;

  constructor(context: DecoderContext) {
    const { text, dialect, origins, problems, limits } = context;
    this.context = context;
    this.#text = text;
    this.#isTextFormat = dialect === "text";
    this.#origins = origins;
    this.#problems = problems;
    this.#depthMax = limits.depthMax;
  }

  /** Reads a whole text as one message; best effort where there are problems. */
  root(desc: DescMessage, node: TextNode): Message {
    const origin: Origin = { parent: null, field: "", index: undefined, text: this.#text, node };
    return this.message(desc, node, origin) ?? create(desc);
  }

  message(desc: DescMessage, node: TextNode, origin: Origin): Message | undefined {
    if (++this.#depth > this.#depthMax) {
      this.#depth--;
      return this.#mismatch(node, origin, `nested deeper than ${this.#depthMax} levels`);
    }
    const message = desc.typeName.startsWith("google.protobuf.")
      ? this.#wellKnown(desc, node, origin)
      : this.#object(desc, node, origin);
    this.#depth--;
    if (message !== undefined) this.#origins.set(message, origin);
    return message;
  }

  #wellKnown(desc: DescMessage, node: TextNode, origin: Origin): Message | undefined {
    if (desc.typeName === "google.protobuf.Any") return decodeAny(node, origin, this);
    if (this.#isTextFormat) return this.#object(desc, node, origin);
    switch (desc.typeName) {
      case "google.protobuf.Duration":
        return node.kind === "map"
          ? this.#object(desc, node, origin)
          : this.#checked(readDuration(node), node, origin);
      case "google.protobuf.Timestamp":
        return node.kind === "map"
          ? this.#object(desc, node, origin)
          : this.#checked(readTimestamp(node), node, origin);
      case "google.protobuf.Value":
        return fromJson(desc, plainJson(node));
      case "google.protobuf.Struct":
        return node.kind === "map"
          ? fromJson(desc, plainObject(node))
          : this.#mismatch(node, origin, "expected an object");
      case "google.protobuf.ListValue":
        return node.kind === "list"
          ? fromJson(desc, plainJson(node))
          : this.#mismatch(node, origin, "expected a list");
    }
    if (isWrapperName(desc.typeName) && node.kind !== "map")
      return this.#wrapper(desc, node, origin);
    return this.#object(desc, node, origin);
  }

  #wrapper(desc: DescMessage, node: TextNode, origin: Origin): Message | undefined {
    const field = desc.fields[0];
    if (field?.scalar === undefined) return create(desc);
    const value = readScalar(field.scalar, node);
    if (value instanceof Mismatch) return this.#mismatch(node, origin, value.message);
    return create(desc, { value });
  }

  #object(desc: DescMessage, node: TextNode, origin: Origin): Message | undefined {
    if (node.kind !== "map") {
      return this.#mismatch(
        node,
        origin,
        `expected an object (${desc.typeName}), got ${describeNode(node)}`,
      );
    }
    return this.fields(desc, node, origin, undefined);
  }

  fields(desc: DescMessage, node: MapNode, origin: Origin, skip: string | undefined): Message {
    const message = create(desc);
    const byKey = fieldsByKey(desc);
    const seen = new Set<DescField>();
    for (const entry of node.entries) {
      if (entry.key === skip) continue;
      const field = byKey.get(entry.key);
      if (field === undefined) {
        const keys = desc.fields.map((candidate) => candidate.name);
        this.report(
          entry.keyAt,
          pathOf(origin),
          `unknown field ${quote(entry.key)} of ${desc.typeName}${didYouMean(entry.key, keys)}`,
        );
        this.#origins.markBroken(message);
      } else if (seen.has(field)) {
        this.report(entry.keyAt, pathOf(origin), `field ${quote(field.name)} is set twice`);
      } else {
        seen.add(field);
        this.#field(message, field, entry.value, origin, entry.keyAt);
      }
    }
    return message;
  }

  #field(
    message: FieldValues,
    field: DescField,
    node: TextNode,
    origin: Origin,
    keyAt: number,
  ): void {
    if (node.kind === "scalar" && node.value === null && !takesNull(field)) return;
    if (field.fieldKind === "list") return this.#list(message, field, node, origin);
    if (field.fieldKind === "map") return this.#map(message, field, node, origin);
    const value = this.#value(field, node, origin, undefined);
    if (value === undefined) {
      this.#origins.markBroken(message as unknown as Message);
      return;
    }
    if (field.oneof === undefined) {
      message[field.localName] = value;
      return;
    }
    const chosen = message[field.oneof.localName] as { case: string | undefined };
    if (chosen.case !== undefined) {
      const other =
        field.oneof.fields.find((candidate) => candidate.localName === chosen.case)?.name ??
        chosen.case;
      this.report(
        keyAt,
        pathOf(origin),
        `only one of ${field.oneof.name} may be set: ${quote(field.name)} after ${quote(other)}`,
      );
      return;
    }
    message[field.oneof.localName] = { case: field.localName, value };
  }

  /** A single value where a list is expected is a list of one, as in Envoy. */
  #list(
    message: FieldValues,
    field: DescField & { fieldKind: "list" },
    node: TextNode,
    origin: Origin,
  ): void {
    const list = message[field.localName] as unknown[];
    const items = node.kind === "list" ? node.items : [node];
    for (const [index, item] of items.entries()) {
      const value = this.#value(field, item, origin, index);
      if (value === undefined) this.#origins.markBroken(message as unknown as Message);
      else list.push(value);
    }
  }

  #map(
    message: FieldValues,
    field: DescField & { fieldKind: "map" },
    node: TextNode,
    origin: Origin,
  ): void {
    const path = pathStep(pathOf(origin), field.name);
    const entries = this.#isTextFormat
      ? entriesOfTextFormat(node)
      : node.kind === "map"
        ? node.entries
        : undefined;
    if (entries === undefined) {
      this.report(node.at, path, `expected an object, got ${describeNode(node)}`);
      this.#origins.markBroken(message as unknown as Message);
      return;
    }
    const map = message[field.localName] as Record<string, unknown>;
    for (const entry of entries) {
      const key = readScalar(field.mapKey, {
        kind: "scalar",
        at: entry.keyAt,
        value: entry.key,
        text: entry.key,
        quoted: true,
      });
      if (key instanceof Mismatch) {
        this.report(entry.keyAt, path, `key ${quote(entry.key)}: ${key.message}`);
        continue;
      }
      if (Object.hasOwn(map, String(key))) {
        this.report(entry.keyAt, path, `key ${quote(entry.key)} is set twice`);
        continue;
      }
      const value = this.#value(field, entry.value, origin, entry.key);
      if (value === undefined) this.#origins.markBroken(message as unknown as Message);
      else setEntry(map, String(key), value);
    }
  }

  /** The value of a field, of an element of a list, or of an entry of a map, in the form the runtime keeps it in. */
  #value(
    field: DescField,
    node: TextNode,
    origin: Origin,
    index: number | string | undefined,
  ): unknown {
    if (field.message === undefined) {
      const value =
        field.enum === undefined ? this.#scalar(field.scalar, node) : readEnum(field.enum, node);
      if (!(value instanceof Mismatch)) return value;
      return this.report(node.at, pathStep(pathOf(origin), field.name, index), value.message);
    }
    const own: Origin = { parent: origin, field: field.name, index, text: this.#text, node };
    const isNull = node.kind === "scalar" && node.value === null && !takesNull(field);
    const typeName = field.message.typeName;
    if (
      typeName === "google.protobuf.Struct" &&
      field.parent.typeName !== "google.protobuf.Value"
    ) {
      if (isNull) return {};
      if (this.#isTextFormat) return this.#structOfTextFormat(field.message, node, own);
      return node.kind === "map"
        ? plainObject(node)
        : this.#mismatch(node, own, `expected an object, got ${describeNode(node)}`);
    }
    const message = isNull
      ? this.#empty(field.message, own)
      : this.message(field.message, node, own);
    const unwraps =
      field.fieldKind === "message" && field.oneof === undefined && isWrapperName(typeName);
    return unwraps ? (message as unknown as { value: unknown } | undefined)?.value : message;
  }

  /** Null in a list or map stands for a message without fields. */
  #empty(desc: DescMessage, origin: Origin): Message {
    const message = create(desc);
    this.#origins.set(message, origin);
    return message;
  }

  #scalar(type: ScalarType, node: TextNode): unknown {
    const needsQuotes =
      this.#isTextFormat && (type === ScalarType.STRING || type === ScalarType.BYTES);
    if (needsQuotes && node.kind === "scalar" && !node.quoted) {
      return new Mismatch(`expected a string in quotes, got ${node.text}`);
    }
    return readScalar(type, node);
  }

  #structOfTextFormat(desc: DescMessage, node: TextNode, origin: Origin): unknown {
    const message = this.message(desc, node, origin);
    return message === undefined ? undefined : toJson(desc, message);
  }

  #checked(result: Message | Mismatch, node: TextNode, origin: Origin): Message | undefined {
    return result instanceof Mismatch ? this.#mismatch(node, origin, result.message) : result;
  }

  #mismatch(node: TextNode, origin: Origin, message: string): undefined {
    return this.report(node.at, pathOf(origin), message);
  }

  report(at: number, path: string, message: string): undefined {
    const place = this.#text?.placeOf(at) ?? null;
    this.#problems.add({ severity: "error", place, path, message });
    return undefined;
  }

  struct(desc: DescMessage, json: JsonValue, parent: Origin): Message | undefined {
    return decodeStruct(desc, json, parent, this.context);
  }
}

/** Reads the JSON in a TypedStruct as the message it stands for. There are paths, but no places in it. */
export function decodeStruct(
  desc: DescMessage,
  json: JsonValue,
  parent: Origin,
  context: Omit<DecoderContext, "text" | "dialect">,
): Message | undefined {
  const node = nodeOfJson(json);
  const origin: Origin = { parent, field: "value", index: undefined, text: null, node };
  return new Decoder({ ...context, text: null, dialect: "json" }).message(desc, node, origin);
}

/** Fields for which null is a value of its own, not the absence of one. */
function takesNull(field: DescField): boolean {
  return (
    field.message?.typeName === "google.protobuf.Value" ||
    field.enum?.typeName === "google.protobuf.NullValue"
  );
}
