import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import type { HeaderMatcherConfig } from "../matchers/header-matcher.ts";
import type { StringMatcherConfig } from "../matchers/string-matcher.ts";
import type { PathMatchConfig, RouteMatchConfig, RouteTableConfig } from "../model.ts";

/**
 * What routing means, written down as plainly as can be, with nothing of the compiled form in it: the virtual host by
 * asking all domains, then the first route that takes the request, `virtual host/route` by their numbers; null for none.
 * Regular expressions are JavaScript's, so those of tests must mean the same there.
 */
export function naiveMatch(
  table: RouteTableConfig,
  headers: HeaderMap,
  info: StreamInfo,
  random: number,
): string | null {
  const host =
    table.virtualHostHeader === undefined
      ? headers.authority
      : headers.getAll(table.virtualHostHeader)[0];
  const chosen = host === undefined ? onlyVirtualHost(table) : chooseVirtualHost(table, host);
  if (chosen < 0) return null;
  const routes = table.virtualHosts[chosen]!.routes;
  const at = routes.findIndex(({ match }) => {
    // Templates look at the parameters, too.
    const ignores = table.ignorePathParameters && match.path.template === undefined;
    const path = routePath(headers.path, ignores);
    return takesPath(match.path, path, headers) && holds(match, headers, info, random);
  });
  return at < 0 ? null : `${chosen}/${at}`;
}

/** Where the one domain of a table is the wildcard, the host does not matter; -1 elsewhere. */
function onlyVirtualHost({ virtualHosts }: RouteTableConfig): number {
  const domains = virtualHosts.flatMap((virtualHost) => virtualHost.domains);
  if (domains.length !== 1 || domains[0] !== "*") return -1;
  return virtualHosts.findIndex((virtualHost) => virtualHost.domains.length === 1);
}

function chooseVirtualHost(table: RouteTableConfig, authority: string): number {
  let host = lower(authority);
  if (table.ignorePortInHostMatching) host = host.replace(/:[^:\]]*$/, "");
  let best = -1;
  let bestRank: readonly number[] = [0, 0];
  for (const [index, { domains }] of table.virtualHosts.entries()) {
    for (const domain of domains) {
      const rank = domainRank(domain, host);
      if (rank === null || compare(rank, bestRank) <= 0) continue;
      best = index;
      bestRank = rank;
    }
  }
  return best;
}

/** Exact, then suffixes, then prefixes, then all; the longer one first. Null when it does not take the host. */
function domainRank(domain: string, host: string): readonly [number, number] | null {
  if (domain === "*") return [1, 0];
  const { length } = domain;
  if (domain.startsWith("*"))
    return host.length >= length && host.endsWith(domain.slice(1)) ? [3, length] : null;
  if (domain.endsWith("*"))
    return host.length >= length && host.startsWith(domain.slice(0, -1)) ? [2, length] : null;
  return domain === host ? [4, length] : null;
}

function compare(a: readonly number[], b: readonly number[]): number {
  return a[0]! - b[0]! || a[1]! - b[1]!;
}

function routePath(path: string, ignoreParameters: boolean): string {
  const plain = path.replace(/[?#].*$/s, "");
  if (!ignoreParameters) return plain;
  return plain
    .split("/")
    .map((segment) => segment.split(";")[0]!)
    .join("/");
}

function takesPath(match: PathMatchConfig, path: string, headers: HeaderMap): boolean {
  if (match.kind === "connect") return headers.method === "CONNECT" && headers.path === "";
  if (headers.path === "") return false;
  const seen = match.ignoreCase === true ? lower(path) : path;
  const { value } = match;
  switch (match.kind) {
    case "exact":
      return seen === value;
    case "prefix":
      return seen.startsWith(value);
    case "separated_prefix":
      return seen === value || seen.startsWith(`${value}/`);
    case "regex":
      return jsRegex(value).test(path);
    case "nothing":
      return false;
  }
}

function holds(
  match: RouteMatchConfig,
  headers: HeaderMap,
  info: StreamInfo,
  random: number,
): boolean {
  const { runtimeFraction: fraction } = match;
  if (fraction !== undefined && random % fraction.denominator >= fraction.numerator) return false;
  return requestHolds(match, headers) && streamHolds(match, info);
}

function requestHolds(match: RouteMatchConfig, headers: HeaderMap): boolean {
  if (match.grpc === true && !isGrpc(headers)) return false;
  return (
    (match.headers ?? []).every((config) => headerHolds(config, headers)) &&
    (match.queryParameters ?? []).every(({ name, present, string }) => {
      const value = queryValue(headers.path, name);
      if (string === null) return (value !== null) === present;
      return value !== null && stringHolds(string, value);
    }) &&
    (match.cookies ?? []).every(({ name, invert, string }) => {
      const value = cookieValue(headers, name);
      return (value !== null && stringHolds(string, value)) !== invert;
    })
  );
}

function streamHolds(match: RouteMatchConfig, info: StreamInfo): boolean {
  // Requests of tests come without TLS.
  if (match.tlsContext?.presented === true || match.tlsContext?.validated === true) return false;
  const metadataHolds = (match.dynamicMetadata ?? []).every(({ path, value, invert }) => {
    const [namespace = "", key = ""] = path;
    const seen = info.dynamicMetadata?.[namespace]?.[key];
    if (value.kind !== "bool") throw new Error(`this test has no ${value.kind}`);
    return (seen === value.value) !== invert;
  });
  const stateHolds = (match.filterState ?? []).every(({ key, test }) => {
    const seen = info.filterState?.get(key);
    if (test.kind !== "string") throw new Error(`this test has no ${test.kind}`);
    return typeof seen === "string" && stringHolds(test.string, seen);
  });
  return metadataHolds && stateHolds;
}

function isGrpc(headers: HeaderMap): boolean {
  return /^application\/grpc(?:$|[+;])/.test(headers.getAll("content-type")[0] ?? "");
}

function headerHolds(config: HeaderMatcherConfig, headers: HeaderMap): boolean {
  const { name, invert, missingAsEmpty, test } = config;
  let values = valuesOf(headers, name);
  if (values.length === 0 && missingAsEmpty) values = [""];
  if (test.kind === "present") return (values.length > 0 === test.present) !== invert;
  if (values.length === 0) return false;
  const matches = values.some((value) =>
    test.kind === "range"
      ? /^[+-]?\d+$/.test(value) && BigInt(value) >= test.start && BigInt(value) < test.end
      : stringHolds(test.string, value),
  );
  return matches !== invert;
}

function valuesOf(headers: HeaderMap, name: string): string[] {
  if (!name.startsWith(":")) return headers.getAll(name);
  const pseudo: { readonly [name: string]: string } = {
    ":path": headers.path,
    ":method": headers.method,
    ":authority": headers.authority,
  };
  // A Host may be empty; a path that is empty is none.
  return name === ":path" && headers.path === "" ? [] : [pseudo[name]!];
}

function stringHolds({ kind, value, ignoreCase }: StringMatcherConfig, text: string): boolean {
  const seen = ignoreCase ? lower(text) : text;
  switch (kind) {
    case "exact":
      return seen === value;
    case "prefix":
      return seen.startsWith(value);
    case "suffix":
      return seen.endsWith(value);
    case "contains":
      return seen.includes(value);
    case "regex":
      return jsRegex(value).test(text);
  }
}

function queryValue(path: string, name: string): string | null {
  const query = /^[^?]*\?(.*)$/s.exec(path)?.[1];
  for (const part of query?.split("&") ?? []) {
    const [key, ...rest] = part.split("=");
    if (key === name) return rest.join("=");
  }
  return null;
}

function cookieValue(headers: HeaderMap, name: string): string | null {
  for (const line of headers.getAll("cookie")) {
    for (const part of line.split(";")) {
      const [key, ...rest] = part.replace(/^ +/, "").split("=");
      if (key === name && rest.length > 0) return rest.join("=").replace(/^"(.*)"$/s, "$1");
    }
  }
  return null;
}

function jsRegex(pattern: string): RegExp {
  const ignoreCase = pattern.startsWith("(?i)");
  return new RegExp(`^(?:${ignoreCase ? pattern.slice(4) : pattern})$`, ignoreCase ? "is" : "s");
}

/** ASCII letters only. */
function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
