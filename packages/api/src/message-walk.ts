import { ScalarType } from "@bufbuild/protobuf";
import type { DescField, Message } from "@bufbuild/protobuf";
import { isWrapperName } from "./load/well-known.ts";

// google.protobuf.FeatureSet.FieldPresence.IMPLICIT: set means other than zero.
const implicitPresence = 2;

/**
 * The value of a field in the form the runtime keeps it in (wrappers as their value, Struct fields as plain objects), or
 * undefined when it is not set: for fields without presence, when it is zero or empty.
 */
export function fieldValue(message: Message, field: DescField): unknown {
  const values = message as unknown as Record<string, unknown>;
  if (field.oneof !== undefined) {
    const chosen = values[field.oneof.localName] as { case: string | undefined; value?: unknown };
    return chosen.case === field.localName ? chosen.value : undefined;
  }
  const value = values[field.localName];
  if (field.presence !== implicitPresence)
    return Object.hasOwn(values, field.localName) ? value : undefined;
  switch (field.fieldKind) {
    case "list":
      return (value as unknown[]).length > 0 ? value : undefined;
    case "map":
      return Object.keys(value as object).length > 0 ? value : undefined;
    case "scalar":
      return isZero(field.scalar, value) ? undefined : value;
    default:
      return value === 0 ? undefined : value;
  }
}

/** Whether the values of a field are messages, not the plain forms that stand for wrappers and Structs. */
export function holdsMessages(field: DescField): boolean {
  if (field.message === undefined) return false;
  if (field.message.typeName === "google.protobuf.Struct")
    return field.parent.typeName === "google.protobuf.Value";
  return !isUnwrapped(field);
}

/** Whether a field keeps the value of a google.protobuf wrapper in place of the message. */
export function isUnwrapped(field: DescField): boolean {
  return (
    field.fieldKind === "message" &&
    field.oneof === undefined &&
    isWrapperName(field.message.typeName)
  );
}

/** Calls `visit` for each message that a field holds, with its index or key. `value` is what `fieldValue` returned. */
export function forEachMessage(
  field: DescField,
  value: unknown,
  visit: (message: Message, index: number | string | undefined) => void,
): void {
  if (!holdsMessages(field)) return;
  if (field.fieldKind === "list") (value as Message[]).forEach((item, index) => visit(item, index));
  else if (field.fieldKind === "map")
    for (const [key, item] of Object.entries(value as Record<string, Message>)) visit(item, key);
  else visit(value as Message, undefined);
}

function isZero(type: ScalarType, value: unknown): boolean {
  switch (type) {
    case ScalarType.STRING:
      return value === "";
    case ScalarType.BYTES:
      return (value as Uint8Array).length === 0;
    case ScalarType.BOOL:
      return value === false;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return Object.is(value, 0);
    default:
      return value === 0 || value === 0n;
  }
}
