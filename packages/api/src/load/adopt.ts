import type { JsonValue, Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { fieldValue, forEachMessage } from "../message-walk.ts";
import type { Problems } from "../problems.ts";
import type { TypeRegistry } from "../registry/type-registry.ts";
import { typeNameOfUrl } from "../registry/type-registry.ts";
import { isTypedStruct } from "./any-decoder.ts";
import { contentOfAny, standInForAny } from "./any.ts";
import { decodeStruct } from "./decoder.ts";
import type { Origin, Origins } from "./origins.ts";
import { pathOf } from "./origins.ts";
import { quote } from "./text-node.ts";
import type { LoadLimits } from "./text-node.ts";
import { suggestType } from "./type-suggestion.ts";

export interface AdoptContext {
  readonly types: TypeRegistry;
  readonly origins: Origins;
  readonly problems: Problems;
  readonly limits: LoadLimits;
}

/**
 * Takes in a message that was not read from nodes (binary, xDS): remembers the path of every message in it, unpacks what
 * its Anys hold, and reports fields and types that nobody knows.
 */
export function adopt(message: Message, origin: Origin, context: AdoptContext): void {
  adoptMessage(message, origin, context, 1);
}

function adoptMessage(
  message: Message,
  origin: Origin,
  context: AdoptContext,
  depth: number,
): void {
  const { types, origins, problems } = context;
  origins.set(message, origin);
  for (const unknown of message.$unknown ?? []) {
    problems.error(
      message,
      undefined,
      `unknown field number ${unknown.no} of ${message.$typeName}`,
    );
  }
  const desc = types.getMessage(message.$typeName);
  if (desc === undefined) return;
  for (const field of desc.fields) {
    const value = fieldValue(message, field);
    if (value === undefined) continue;
    forEachMessage(field, value, (child, index) => {
      const own: Origin = { parent: origin, field: field.name, index, text: null, node: null };
      if (child.$typeName === "google.protobuf.Any")
        adoptAny(child as Any, own, context, depth + 1);
      else adoptMessage(child, own, context, depth + 1);
    });
  }
}

function adoptAny(any: Any, origin: Origin, context: AdoptContext, depth: number): void {
  context.origins.set(any, origin);
  if (any.typeUrl === "" && any.value.length === 0) return;
  if (depth > context.limits.depthMax) {
    const text = `nested deeper than ${context.limits.depthMax} levels`;
    context.problems.add({ severity: "error", place: null, path: pathOf(origin), message: text });
    // Emptied, so that nobody who walks the message goes any deeper.
    any.typeUrl = "";
    any.value = new Uint8Array();
    return;
  }
  const typeName = typeNameOfUrl(any.typeUrl);
  const content = contentOfAny(any);
  if (content === undefined) {
    const known = context.types.getMessage(typeName) !== undefined;
    const text = known
      ? `cannot read the bytes of ${typeName}`
      : `unknown type ${quote(typeName)}${suggestType(context.types, typeName)} (could not find @type '${any.typeUrl}')`;
    context.problems.add({ severity: "error", place: null, path: pathOf(origin), message: text });
    return;
  }
  adoptMessage(content, origin, context, depth);
  if (isTypedStruct(content)) readTypedStruct(any, content, origin, context);
}

function readTypedStruct(
  any: Any,
  content: Message & { typeUrl: string; value?: JsonValue },
  origin: Origin,
  context: AdoptContext,
): void {
  const desc = context.types.getMessage(typeNameOfUrl(content.typeUrl));
  if (desc === undefined || desc.typeName.startsWith("google.protobuf.")) return;
  const message = decodeStruct(desc, content.value ?? {}, origin, context);
  if (message !== undefined) standInForAny(any, message);
}
