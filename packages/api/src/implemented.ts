import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { typeNameOfAny, unpack } from "./load/any.ts";
import { didYouMean } from "./load/suggest.ts";
import { suggestType } from "./load/type-suggestion.ts";
import { fieldValue, forEachMessage } from "./message-walk.ts";
import type { Problems } from "./problems.ts";
import { envoyTypes } from "./registry/envoy-types.ts";

/** One room's part of the table: message type to the proto names of its implemented fields, or `"all"` of them. */
export type ImplementedPiece = Readonly<Record<string, readonly string[] | "all">>;

/** All implemented message types and their fields. */
export type ImplementedTable = ReadonlyMap<string, ReadonlySet<string> | "all">;

/**
 * Joins the rooms' parts; a type may stand in several of them.
 * @throws when a part names a type or field that does not exist
 */
export function mergeImplemented(pieces: readonly ImplementedPiece[]): ImplementedTable {
  const table = new Map<string, Set<string> | "all">();
  for (const [typeName, fields] of pieces.flatMap((piece) => Object.entries(piece))) {
    assertExists(typeName, fields);
    const known = table.get(typeName);
    if (fields === "all" || known === "all") table.set(typeName, "all");
    else table.set(typeName, new Set([...(known ?? []), ...fields]));
  }
  return table;
}

/**
 * Reports every set field, and every message type, that is not in the table, once each where it first stands; what is
 * inside of such a field or message is not looked at. Types of google.protobuf need not be in the table.
 * @param options with `allowUnimplemented` they are warnings, else errors
 */
export function checkImplemented(
  root: Message,
  table: ImplementedTable,
  problems: Problems,
  options: { readonly allowUnimplemented?: boolean } = {},
): void {
  const report =
    options.allowUnimplemented === true
      ? problems.warning.bind(problems)
      : problems.error.bind(problems);
  const visit = (message: Message): void => {
    if (message.$typeName === "google.protobuf.Any") {
      const any = message as Any;
      const inner = unpack(any);
      if (inner !== undefined) visit(inner);
      else if (any.typeUrl !== "")
        report(message, undefined, `not implemented yet: ${typeNameOfAny(any)}`);
      return;
    }
    if (message.$typeName.startsWith("google.protobuf.")) return;
    const implemented = table.get(message.$typeName);
    if (implemented === undefined) {
      report(message, undefined, `not implemented yet: ${message.$typeName}`);
      return;
    }
    for (const field of envoyTypes().getMessage(message.$typeName)?.fields ?? []) {
      const value = fieldValue(message, field);
      if (value === undefined) continue;
      if (implemented === "all" || implemented.has(field.name)) forEachMessage(field, value, visit);
      else report(message, field.name, `not implemented yet: ${message.$typeName}.${field.name}`);
    }
  };
  visit(root);
}

function assertExists(typeName: string, fields: readonly string[] | "all"): void {
  const desc: DescMessage | undefined = envoyTypes().getMessage(typeName);
  if (desc === undefined)
    throw new Error(`no type named "${typeName}"${suggestType(envoyTypes(), typeName)}`);
  if (fields === "all") return;
  const names = desc.fields.map((field) => field.name);
  const wrong = fields.find((field) => !names.includes(field));
  if (wrong !== undefined)
    throw new Error(`no field named "${wrong}" in ${typeName}${didYouMean(wrong, names)}`);
}
