import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { fieldValue, isUnwrapped } from "../message-walk.ts";
import type { TypeRegistry } from "../registry/type-registry.ts";
import type { Origins } from "./origins.ts";

/**
 * Merges `source` into `target` as protobuf's MergeFrom does: what is set in `source` wins, lists are appended, messages
 * are merged, entries of maps are replaced. `source` must not be used afterwards.
 */
export function mergeMessage(
  target: Message,
  source: Message,
  types: TypeRegistry,
  origins: Origins,
): void {
  const desc = descOf(source, types);
  origins.overlay(target, source);
  for (const field of desc.fields) {
    const value = fieldValue(source, field);
    if (value !== undefined) mergeField(target, field, value, types, origins);
  }
}

function mergeField(
  target: Message,
  field: DescField,
  value: unknown,
  types: TypeRegistry,
  origins: Origins,
): void {
  const values = target as unknown as Record<string, unknown>;
  const present = fieldValue(target, field);
  if (present !== undefined) {
    if (field.fieldKind === "list") {
      (present as unknown[]).push(...(value as unknown[]));
      return;
    }
    if (field.fieldKind === "map") {
      Object.assign(present as object, value);
      return;
    }
    if (field.fieldKind === "message") {
      if (mergesInPlace(field))
        return mergeMessage(present as Message, value as Message, types, origins);
      if (field.message.typeName === "google.protobuf.Struct") {
        Object.assign(present as object, value);
        return;
      }
      // A wrapper is a message whose one field has no presence: its zero does not override.
      if (isUnwrapped(field) && isZeroInWrapper(value)) return;
    }
  }
  if (field.oneof !== undefined) values[field.oneof.localName] = { case: field.localName, value };
  else values[field.localName] = value;
}

/** An Any is replaced whole: its bytes cannot be merged. */
function mergesInPlace(field: DescField): boolean {
  const typeName = field.message?.typeName;
  return (
    typeName !== "google.protobuf.Any" &&
    typeName !== "google.protobuf.Struct" &&
    !isUnwrapped(field)
  );
}

function isZeroInWrapper(value: unknown): boolean {
  return (
    value === 0 ||
    value === 0n ||
    value === false ||
    value === "" ||
    (value instanceof Uint8Array && value.length === 0)
  );
}

function descOf(message: Message, types: TypeRegistry): DescMessage {
  const desc = types.getMessage(message.$typeName);
  if (desc === undefined) throw new Error(`no descriptor of ${message.$typeName}`);
  return desc;
}
