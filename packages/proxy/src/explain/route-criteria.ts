import type { HeaderMap } from "@nuncio/codec";
import { cookie } from "../http/route/matchers/cookie-matcher.ts";
import type { FilterStateMatcherConfig } from "../http/route/matchers/filter-state-matcher.ts";
import type { HeaderMatcherConfig } from "../http/route/matchers/header-matcher.ts";
import { queryParameter } from "../http/route/matchers/query-parameter-matcher.ts";
import type { StringMatcherConfig } from "../http/route/matchers/string-matcher.ts";
import type { PathMatchConfig, RouteMatchConfig } from "../http/route/model.ts";
import { lookUp } from "../observe/format/commands/metadata.ts";
import type { StreamInfo } from "../observe/stream-info.ts";
import type { ValueMatcherConfig } from "../observe/value-matcher/value-matcher.ts";

/** One question of a route, in words. Whether it holds is the route table's to say. */
export interface Criterion {
  /** The field of `RouteMatch`. */
  readonly field: string;
  readonly wanted: string;
  /** What a request has instead. */
  readonly seen: (headers: HeaderMap, info: StreamInfo) => string;
  /** A match that asks this question only; null for a path is any path. */
  readonly alone: Partial<RouteMatchConfig>;
}

/** The questions of a route in the order in which they are told: the path first. Chance is not among them. */
export function criteriaOf(match: RouteMatchConfig): Criterion[] {
  const keys = Object.keys(CRITERIA) as (keyof RouteMatchConfig)[];
  return keys.flatMap((key) => criteriaOfKey(match, key));
}

/** The path criterion in words: `prefix "/a"`. */
export function pathText({ kind, value, ignoreCase, template }: PathMatchConfig): string {
  if (template !== undefined) return `path_match_policy ${quoted(template)}`;
  if (kind === "connect") return PATH_FIELDS.connect;
  return `${PATH_FIELDS[kind]} ${quoted(value)}${ignoreCase === true ? " (any case)" : ""}`;
}

type CriteriaOf<K extends keyof RouteMatchConfig> = (
  value: NonNullable<RouteMatchConfig[K]>,
) => Criterion[];

/** Complete by its type: a new part of a match has to be put in words here. */
const CRITERIA: { readonly [K in keyof RouteMatchConfig]-?: CriteriaOf<K> } = {
  path: (path) => [
    {
      field: PATH_FIELDS[path.kind],
      wanted: pathText(path),
      seen: (headers) => quoted(headers.path),
      alone: { path },
    },
  ],
  grpc: () => [
    {
      field: "grpc",
      wanted: "content-type application/grpc",
      seen: (headers) => `content-type ${valuesOf(headers, "content-type")}`,
      alone: { grpc: true },
    },
  ],
  headers: (matchers) =>
    matchers.map((matcher) => ({
      field: "headers",
      wanted: `${matcher.name} ${headerTest(matcher)}`,
      seen: (headers: HeaderMap) => valuesOf(headers, matcher.name),
      alone: { headers: [matcher] },
    })),
  queryParameters: (matchers) =>
    matchers.map((matcher) => ({
      field: "query_parameters",
      wanted: `${matcher.name} ${matcher.string === null ? presence(matcher.present) : stringTest(matcher.string)}`,
      seen: (headers: HeaderMap) => orAbsent(queryParameter(headers.path, matcher.name)),
      alone: { queryParameters: [matcher] },
    })),
  cookies: (matchers) =>
    matchers.map((matcher) => ({
      field: "cookies",
      wanted: `${matcher.name} ${negated(matcher.invert)}${stringTest(matcher.string)}`,
      seen: (headers: HeaderMap) => orAbsent(cookie(headers, matcher.name)),
      alone: { cookies: [matcher] },
    })),
  tlsContext: (tlsContext) => [
    {
      field: "tls_context",
      wanted: Object.entries(tlsContext)
        .map(([name, value]) => `${name} ${value}`)
        .join(", "),
      seen: () => "no TLS",
      alone: { tlsContext },
    },
  ],
  dynamicMetadata: (matchers) =>
    matchers.map((matcher) => ({
      field: "dynamic_metadata",
      wanted: `${matcher.path.join(".")} ${negated(matcher.invert)}${valueTest(matcher.value)}`,
      seen: (_headers: HeaderMap, { dynamicMetadata }: StreamInfo) =>
        JSON.stringify(lookUp(dynamicMetadata, matcher.path)) ?? "absent",
      alone: { dynamicMetadata: [matcher] },
    })),
  filterState: (matchers) =>
    matchers.map((matcher) => ({
      field: "filter_state",
      wanted: `${matcher.key} ${filterStateTest(matcher)}`,
      seen: (_headers: HeaderMap, { filterState }: StreamInfo) =>
        JSON.stringify(filterState?.get(matcher.key)) ?? "absent",
      alone: { filterState: [matcher] },
    })),
  // Decided by chance, and told with its share.
  runtimeFraction: () => [],
};

function criteriaOfKey(match: RouteMatchConfig, key: keyof RouteMatchConfig): Criterion[] {
  const value = match[key];
  // The table's type holds keys and values together; an index loses that.
  return value === undefined ? [] : (CRITERIA[key] as (value: unknown) => Criterion[])(value);
}

const PATH_FIELDS: { readonly [K in PathMatchConfig["kind"]]: string } = {
  exact: "path",
  prefix: "prefix",
  separated_prefix: "path_separated_prefix",
  regex: "safe_regex",
  connect: "connect_matcher",
  nothing: "path_match_policy",
};

function filterStateTest({ test }: FilterStateMatcherConfig): string {
  if (test.kind === "string") return stringTest(test.string);
  return `${negated(test.invert)}in ${test.ranges.map(({ ip, bits }) => `${ip}/${bits}`).join(", ")}`;
}

function valueTest(value: ValueMatcherConfig): string {
  switch (value.kind) {
    case "null":
      return "null";
    case "present":
      return presence(value.present);
    case "bool":
    case "double":
      return String(value.value);
    case "range":
      return `from ${value.start} to below ${value.end}`;
    case "string":
      return stringTest(value.matcher as StringMatcherConfig);
    case "list":
      return `a list with ${valueTest(value.oneOf)}`;
    case "or":
      return value.matchers.map(valueTest).join(" or ");
  }
}

function headerTest({ test, invert, missingAsEmpty }: HeaderMatcherConfig): string {
  const missing = missingAsEmpty ? " (missing is empty)" : "";
  switch (test.kind) {
    case "present":
      return presence(test.present !== invert) + missing;
    case "range":
      return `${negated(invert)}from ${test.start} to below ${test.end}${missing}`;
    case "string":
      return negated(invert) + stringTest(test.string) + missing;
  }
}

/** A string matcher in words: `exact "a"`. */
export function stringTest({ kind, value, ignoreCase }: StringMatcherConfig): string {
  return `${STRING_TESTS[kind]} ${quoted(value)}${ignoreCase ? " (any case)" : ""}`;
}

const STRING_TESTS: { readonly [K in StringMatcherConfig["kind"]]: string } = {
  exact: "exact",
  prefix: "prefix",
  suffix: "suffix",
  contains: "contains",
  regex: "safe_regex",
};

function presence(present: boolean): string {
  return present ? "present" : "absent";
}

function negated(invert: boolean): string {
  return invert ? "not " : "";
}

/** The values of a header in quotes, or `absent`. */
export function valuesOf(headers: HeaderMap, name: string): string {
  const values = headers.getAll(name);
  return values.length === 0 ? "absent" : values.map(quoted).join(", ");
}

/** A value in quotes, or `absent`. */
export function orAbsent(value: string | null): string {
  return value === null ? "absent" : quoted(value);
}

/** Bytes of the wire as text, in quotes. */
export function quoted(bytes: string): string {
  return JSON.stringify(Buffer.from(bytes, "latin1").toString("utf8"));
}
