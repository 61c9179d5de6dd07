import type { HeaderMap } from "@nuncio/codec";
import type { QueryParameter } from "./verdict.ts";

/** Bytes that end a query, or a request line. */
const IMPOSSIBLE = /[\x00-\x20#\x7f]/g;
const ENCODED = /^(?:[A-Za-z0-9\-._~]|%[0-9A-Fa-f]{2})*$/;

/**
 * Sets and removes parameters of a path, by their names as they stand there. As in Envoy the query comes out sorted by name with
 * `=` behind every name. Bytes that cannot stand there are encoded, where Envoy sends them.
 */
export function changeQuery(
  headers: HeaderMap,
  set: readonly QueryParameter[],
  remove: readonly string[],
): void {
  const { path } = headers;
  const mark = path.indexOf("?");
  let parameters = mark < 0 ? [] : parse(path.slice(mark + 1));
  for (const parameter of set)
    parameters = [...parameters.filter(([name]) => name !== parameter[0]), parameter];
  for (const removed of remove) parameters = parameters.filter(([name]) => name !== removed);
  parameters.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  const query = parameters.map(([name, value]) => `${escape(name)}=${escape(value)}`).join("&");
  const bare = mark < 0 ? path : path.slice(0, mark);
  headers.path = query === "" ? bare : `${bare}?${query}`;
}

/** Whether a name or a value may stand in a query as it is. */
export function isUrlEncoded(text: string): boolean {
  return ENCODED.test(text);
}

function parse(query: string): QueryParameter[] {
  if (query === "") return [];
  return query.split("&").map((text) => {
    const equals = text.indexOf("=");
    return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
  });
}

function escape(text: string): string {
  return text.replace(
    IMPOSSIBLE,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
