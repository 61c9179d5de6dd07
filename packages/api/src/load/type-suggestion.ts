import type { TypeRegistry } from "../registry/type-registry.ts";
import { nearest } from "./suggest.ts";

/** `, did you mean ...?` for the name of a type: one with the same last part, else one spelled alike; or nothing. */
export function suggestType(types: TypeRegistry, typeName: string): string {
  const last = `.${typeName.slice(typeName.lastIndexOf(".") + 1)}`;
  const names = [...types.typeNames()];
  const sameLast = names.filter((name) => name.endsWith(last));
  const best =
    nearest(typeName, sameLast) ??
    nearest(typeName, names) ??
    (sameLast.length === 1 ? sameLast[0] : undefined);
  return best === undefined ? "" : `, did you mean "${best}"?`;
}
