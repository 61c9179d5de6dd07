import type { HeaderMap } from "@nuncio/codec";
import { appendHeader, overwriteHeader } from "../../header-mutations/header-lines.ts";
import { isValidHeader } from "./valid-header.ts";
import type { HeaderChange } from "./verdict.ts";

/** Pseudo headers of a request that a service may give another value. */
const CHANGEABLE: readonly string[] = [":authority", ":method", ":path", ":scheme"];
/** What a request line cannot have in it. */
const NOT_IN_A_PATH = /[\x00-\x20\x7f]/g;

/** Makes a change; false where there is none. What cannot stand in a message of HTTP is left out, where Envoy sends it. */
export function applyChange({ name, value, action }: HeaderChange, headers: HeaderMap): boolean {
  if (!isValidHeader(name, value)) return false;
  if (name.startsWith(":") || (name === "host" && headers.method !== ""))
    return headers.method !== "" && setPseudo(name, value, action, headers);
  switch (action) {
    case "set":
      overwriteHeader(headers, name, value);
      return true;
    case "add":
      appendHeader(headers, name, value);
      return true;
    case "join":
      return joinHeader(headers, name, value);
    case "add_if_absent":
      if (headers.has(name)) return false;
      headers.add(name, value);
      return true;
    case "overwrite_if_exists":
      if (!headers.has(name)) return false;
      overwriteHeader(headers, name, value);
      return true;
  }
}

function setPseudo(
  given: string,
  value: string,
  action: HeaderChange["action"],
  headers: HeaderMap,
): boolean {
  const name = given === "host" ? ":authority" : given;
  if (!CHANGEABLE.includes(name)) return false;
  const before = headers.get(name);
  if (action === "join" && before === undefined) return false;
  const joined = action === "join" && before !== "" ? `${before},${value}` : value;
  headers.set(name, name === ":path" ? joined.replace(NOT_IN_A_PATH, escape) : joined);
  return true;
}

function escape(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

/** To the first line, as Envoy does; where there is none nothing happens. */
function joinHeader(headers: HeaderMap, name: string, value: string): boolean {
  const { entries } = headers;
  for (let i = 0; i < entries.length; i += 2) {
    if (entries[i] !== name) continue;
    entries[i + 1] = entries[i + 1] === "" ? value : `${entries[i + 1]!},${value}`;
    return true;
  }
  return false;
}
