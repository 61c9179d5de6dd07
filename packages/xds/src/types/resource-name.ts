/** An `xdstp://` name in its parts. */
export interface XdstpName {
  /** Who answers for the resource; empty when the name leaves it out. */
  readonly authority: string;
  /** `envoy.config.cluster.v3.Cluster` */
  readonly type: string;
  /** What follows the type: may have slashes. */
  readonly id: string;
  /** Parameters of the query; their order is of no meaning. */
  readonly contextParams: ReadonlyMap<string, string>;
}

const SCHEME = "xdstp://";

/** Asks for all resources of a type. */
export const WILDCARD = "*";

/** True of a name in the form of the xDS transport protocol, in contrast to an opaque one. */
export function isXdstpName(name: string): boolean {
  return name.startsWith(SCHEME);
}

/** The parts of an `xdstp://` name; undefined when it is not one. Directives (`#...`) are no part of a resource's name. */
export function parseXdstpName(name: string): XdstpName | undefined {
  if (!isXdstpName(name)) return undefined;
  const [beforeDirectives = ""] = name.slice(SCHEME.length).split("#", 1);
  const queryAt = beforeDirectives.indexOf("?");
  const path = queryAt === -1 ? beforeDirectives : beforeDirectives.slice(0, queryAt);
  const match = /^([^/]*)\/([^/]+)(?:\/(.*))?$/s.exec(path);
  if (match === null) return undefined;
  const [authority, type, id] = [match[1], match[2], match[3] ?? ""].map(decodePercent);
  if (authority === undefined || type === undefined || id === undefined) return undefined;
  const contextParams = parseContextParams(
    queryAt === -1 ? "" : beforeDirectives.slice(queryAt + 1),
  );
  return contextParams && { authority, type, id, contextParams };
}

/** The one spelling of a name: parameters sorted by key, directives dropped, only what has to be escaped escaped. */
export function formatXdstpName({ authority, type, id, contextParams }: XdstpName): string {
  const path = [authority, type, ...(id === "" ? [] : id.split("/"))].map(encodePercent).join("/");
  const params = [...contextParams]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${encodePercent(key)}=${encodePercent(value)}`);
  return SCHEME + path + (params.length === 0 ? "" : `?${params.join("&")}`);
}

/** What caches look a name up by: `xdstp://` names in their one spelling, others as they are. */
export function canonicalResourceName(name: string): string {
  const parsed = parseXdstpName(name);
  return parsed === undefined ? name : formatXdstpName(parsed);
}

/** True of the name of a glob collection: `xdstp://authority/type/folder/*`. */
export function isCollectionName(name: string): boolean {
  return isXdstpName(name) && /\/\*(\?|$)/.test(name);
}

/** The glob collection that a resource is in: its folder's `*`, with the same parameters. Undefined of opaque names. */
export function collectionOf(name: string): string | undefined {
  const parsed = parseXdstpName(name);
  if (parsed === undefined) return undefined;
  const folder = parsed.id.slice(0, parsed.id.lastIndexOf("/") + 1);
  return formatXdstpName({ ...parsed, id: `${folder}*` });
}

function parseContextParams(query: string): ReadonlyMap<string, string> | undefined {
  const params = new Map<string, string>();
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const key = decodePercent(equals === -1 ? pair : pair.slice(0, equals));
    const value = decodePercent(equals === -1 ? "" : pair.slice(equals + 1));
    if (key === undefined || value === undefined) return undefined;
    params.set(key, value);
  }
  return params;
}

function decodePercent(text: string | undefined): string | undefined {
  try {
    return decodeURIComponent(text ?? "");
  } catch {
    return undefined;
  }
}

/** Keeps what a path segment may have, `:` and `*` among it, as those who write names do. */
function encodePercent(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/%(3A|2A|40|24|2C|3B)/g, (escaped) =>
    decodeURIComponent(escaped),
  );
}
