import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { runtimeEntry } from "./entry.ts";
import type { RuntimeEntry, RuntimeValues } from "./model.ts";

/**
 * The values of a Struct: of `static_layer`, or of a resource of RTDS. Fields of fields are keys with dots between; an
 * object with a numerator or denominator, and an empty one, is a share. `onInvalid` is told the key of what is no value.
 */
export function structLayer(fields: JsonObject, onInvalid: (key: string) => void): RuntimeValues {
  const values = new Map<string, RuntimeEntry>();
  const walk = (key: string, value: JsonValue): void => {
    if (value === null || Array.isArray(value)) {
      onInvalid(key);
    } else if (typeof value !== "object" || isShare(value)) {
      // Of two ways to one key the first counts.
      if (!values.has(key)) values.set(key, runtimeEntry(value));
    } else {
      for (const [name, inner] of Object.entries(value)) walk(`${key}.${name}`, inner);
    }
  };
  for (const [name, value] of Object.entries(fields)) walk(name, value);
  return values;
}

function isShare(fields: JsonObject): boolean {
  return (
    Object.keys(fields).length === 0 ||
    Object.hasOwn(fields, "numerator") ||
    Object.hasOwn(fields, "denominator")
  );
}
