import { create } from "@bufbuild/protobuf";
import type { DescMessage, JsonValue, Message } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { typeNameOfUrl } from "../registry/type-registry.ts";
import { TypedAny } from "./any.ts";
import type { MessageReader } from "./message-reader.ts";
import type { Origin } from "./origins.ts";
import { pathOf } from "./origins.ts";
import type { MapNode, TextNode } from "./text-node.ts";
import { describeNode, quote } from "./text-node.ts";
import { suggestType } from "./type-suggestion.ts";

/** Reads an Any: an object with `@type` and the fields of that type. Empty objects are empty Anys. */
export function decodeAny(
  node: TextNode,
  origin: Origin,
  reader: MessageReader,
): Message | undefined {
  const { types, origins, dialect } = reader.context;
  const path = pathOf(origin);
  if (node.kind !== "map") {
    return reader.report(
      node.at,
      path,
      `expected an object with "@type", got ${describeNode(node)}`,
    );
  }
  const type = node.entries.find((entry) => entry.key === "@type")?.value;
  if (type === undefined) {
    // The text format may also give the two fields of the Any, with its bytes.
    if (dialect === "text") return reader.fields(AnySchema, node, origin, undefined);
    if (node.entries.length === 0) return create(AnySchema);
    return reader.report(node.at, path, 'expected "@type" with the URL of a type');
  }
  const url = type.kind === "scalar" ? type.value : null;
  if (typeof url !== "string" || !/^[^/].*\/[^/]+$/s.test(url)) {
    const expected = 'expected a type URL such as "type.googleapis.com/envoy..."';
    return reader.report(type.at, path, `${expected}, got ${describeNode(type)}`);
  }
  const typeName = typeNameOfUrl(url);
  const desc = types.getMessage(typeName);
  if (desc === undefined) return reader.report(type.at, path, unknownType(url, reader));
  const content = readContent(desc, node, origin, reader);
  if (content === undefined) return undefined;
  origins.set(content, origin);
  return new TypedAny(url, content, readBehindStruct(content, node, origin, reader) ?? content);
}

function unknownType(url: string, { context: { types } }: MessageReader): string {
  const typeName = typeNameOfUrl(url);
  const suggestion = suggestType(types, typeName);
  return `unknown type ${quote(typeName)}${suggestion} (could not find @type '${url}')`;
}

/** Types whose JSON is not an object have it in the field `value` of the Any. */
function readContent(
  desc: DescMessage,
  node: MapNode,
  origin: Origin,
  reader: MessageReader,
): Message | undefined {
  const hasOwnJson =
    desc.typeName.startsWith("google.protobuf.") && desc.typeName !== "google.protobuf.Empty";
  if (!hasOwnJson || reader.context.dialect === "text") {
    return reader.fields(desc, node, origin, "@type");
  }
  for (const { key, keyAt } of node.entries) {
    if (key === "@type" || key === "value") continue;
    const rule = `an Any of ${desc.typeName} has "@type" and "value" only`;
    reader.report(keyAt, pathOf(origin), `unknown field ${quote(key)}: ${rule}`);
  }
  const value = valueNode(node);
  if (value === undefined) return create(desc);
  return reader.message(desc, value, valueOrigin(origin, value, reader));
}

/** The message that a TypedStruct describes, when its type is known (xds/type/v3/typed_struct.proto). */
function readBehindStruct(
  content: Message,
  any: MapNode,
  origin: Origin,
  reader: MessageReader,
): Message | undefined {
  if (!isTypedStruct(content)) return undefined;
  const desc = reader.context.types.getMessage(typeNameOfUrl(content.typeUrl));
  if (desc === undefined || desc.typeName.startsWith("google.protobuf.")) return undefined;
  if (reader.context.dialect === "text") return reader.struct(desc, content.value ?? {}, origin);
  const node = valueNode(any) ?? { kind: "map" as const, at: any.at, entries: [] };
  return reader.message(desc, node, valueOrigin(origin, node, reader));
}

/** The two messages that carry any configuration as a Struct with the URL of its type. */
export function isTypedStruct(
  message: Message,
): message is Message & { typeUrl: string; value?: JsonValue } {
  return (
    message.$typeName === "xds.type.v3.TypedStruct" ||
    message.$typeName === "udpa.type.v1.TypedStruct"
  );
}

function valueNode(any: MapNode): TextNode | undefined {
  return any.entries.find((entry) => entry.key === "value")?.value;
}

function valueOrigin(parent: Origin, node: TextNode, { context }: MessageReader): Origin {
  return { parent, field: "value", index: undefined, text: context.text, node };
}
