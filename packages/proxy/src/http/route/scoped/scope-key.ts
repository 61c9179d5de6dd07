import type { HeaderMap } from "@nuncio/codec";
import type { HeaderValueExtractorConfig } from "./model.ts";

/** Stands between the fragments of a key; no header value contains it (RFC 9110 5.5). */
export const BETWEEN = "\0";

/** A scope's key as one text. */
export function scopeKey(fragments: readonly string[]): string {
  return fragments.join(BETWEEN);
}

/** The key of a request; null when a header or element that it is made of is missing. */
export function scopeKeyOf(
  headers: HeaderMap,
  extractors: readonly HeaderValueExtractorConfig[],
): string | null {
  let key = "";
  for (let i = 0; i < extractors.length; i++) {
    const fragment = extract(headers, extractors[i]!);
    if (fragment === null) return null;
    key += i === 0 ? fragment : BETWEEN + fragment;
  }
  return key;
}

function extract(
  headers: HeaderMap,
  { header, elementSeparator, pick }: HeaderValueExtractorConfig,
): string | null {
  const value = headerValue(headers, header);
  if (value === null) return null;
  if (pick.kind === "index") return elementAt(value, elementSeparator, pick.index);
  return valueOf(value, elementSeparator, pick.separator, pick.key);
}

/** Of repeated lines the first. */
function headerValue(headers: HeaderMap, name: string): string | null {
  switch (name) {
    case ":path":
      return headers.path;
    case ":method":
      return headers.method;
    case ":scheme":
      return headers.scheme;
    case ":authority":
    case "host":
      return headers.authority;
    default:
      return headers.get(name) ?? null;
  }
}

function elementAt(value: string, separator: string, index: number): string | null {
  if (separator === "") return value;
  let from = 0;
  for (let left = index; left > 0; left--) {
    const next = value.indexOf(separator, from);
    if (next < 0) return null;
    from = next + separator.length;
  }
  const end = value.indexOf(separator, from);
  return end < 0 ? value.slice(from) : value.slice(from, end);
}

/** What follows `key` and the separator in the first element of that key; nothing when the element is just the key. */
function valueOf(
  value: string,
  elementSeparator: string,
  separator: string,
  key: string,
): string | null {
  let from = 0;
  while (from <= value.length) {
    const next = elementSeparator === "" ? -1 : value.indexOf(elementSeparator, from);
    const end = next < 0 ? value.length : next;
    const at = value.indexOf(separator, from);
    const keyEnd = at < 0 || at > end - separator.length ? end : at;
    if (keyEnd - from === key.length && value.startsWith(key, from)) {
      return keyEnd === end ? "" : value.slice(keyEnd + separator.length, end);
    }
    if (next < 0) return null;
    from = next + elementSeparator.length;
  }
  return null;
}
