import type { HeaderMap } from "@nuncio/codec";
import { appendHeader, overwriteHeader } from "../../header-mutations/header-lines.ts";
import { isValidHeader } from "./valid-header.ts";
import type { HeaderChange } from "./verdict.ts";

/** Pseudo headers of a request that a service may give another value. */
const CHANGEABLE: readonly string[] = [":authority", ":method", ":path", ":scheme"];
/** What a request line cannot have in it. */
const NOT_IN_A_PATH = /[\x00-\x20\x7f]/g;

/** Makes a change. What cannot stand in a message of HTTP is left out, where Envoy sends it. */
export function applyChange({ name, value, action }: HeaderChange, headers: HeaderMap): void {
  if (!isValidHeader(name, value)) return;
  if (name.startsWith(":") || (name === "host" && headers.method !== "")) {
    if (headers.method !== "") setPseudo(name, value, action, headers);
    return;
  }
  switch (action) {
    case "set":
      overwriteHeader(headers, name, value);
      break;
    case "add":
      appendHeader(headers, name, value);
      break;
    case "join":
      joinHeader(headers, name, value);
      break;
    case "add_if_absent":
      if (!headers.has(name)) headers.add(name, value);
      break;
    case "overwrite_if_exists":
      if (headers.has(name)) overwriteHeader(headers, name, value);
  }
}

function setPseudo(
  given: string,
  value: string,
  action: HeaderChange["action"],
  headers: HeaderMap,
): void {
  const name = given === "host" ? ":authority" : given;
  if (!CHANGEABLE.includes(name)) return;
  const before = headers.get(name);
  if (action === "join" && before === undefined) return;
  const joined = action === "join" && before !== "" ? `${before},${value}` : value;
  headers.set(name, name === ":path" ? joined.replace(NOT_IN_A_PATH, escape) : joined);
}

function escape(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

/** To the first line, as Envoy does; where there is none nothing happens. */
function joinHeader(headers: HeaderMap, name: string, value: string): void {
  const { entries } = headers;
  for (let i = 0; i < entries.length; i += 2) {
    if (entries[i] !== name) continue;
    entries[i + 1] = entries[i + 1] === "" ? value : `${entries[i + 1]!},${value}`;
    return;
  }
}
