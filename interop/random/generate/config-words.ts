import { isConfig } from "../../diff/config-value.ts";
import { PATH_REGEXES, TEMPLATES } from "./vocabulary.ts";

/** What a configuration talks about, so that requests can talk about it, too. */
export interface ConfigWords {
  readonly paths: readonly string[];
  readonly hosts: readonly string[];
  /** Header lines. */
  readonly headers: readonly string[];
  /** Query parameters, `name=value`. */
  readonly parameters: readonly string[];
  /** Cookies, `name=value`. */
  readonly cookies: readonly string[];
}

const PATH_KEYS = new Set(["prefix", "path", "path_separated_prefix"]);
const EXAMPLES = new Map([...PATH_REGEXES, ...TEMPLATES]);

interface Words {
  readonly paths: string[];
  readonly hosts: string[];
  readonly headers: string[];
  readonly parameters: string[];
  readonly cookies: string[];
}

/** Reads the words off a configuration, wherever they stand in it. */
export function wordsOf(config: unknown): ConfigWords {
  const words: Words = { paths: [], hosts: [], headers: [], parameters: [], cookies: [] };
  walk(config, (key, value, parent) => {
    if (typeof value === "string") readText(key, value, words);
    else if (Array.isArray(value)) readList(key, value, words);
    else if (key === "input") readInput(value, parent, words);
  });
  return words;
}

function readText(key: string, text: string, words: Words): void {
  const example = EXAMPLES.get(text);
  if (example !== undefined) words.paths.push(example);
  else if (PATH_KEYS.has(key) && text.startsWith("/")) words.paths.push(text);
  else if (key === "element_separator") words.headers.push(`x-scope: a${text}b`);
}

function readList(key: string, items: readonly unknown[], words: Words): void {
  if (key === "domains") words.hosts.push(...items.flatMap((item) => hostsOf(String(item))));
  if (key === "headers") words.headers.push(...items.flatMap((item) => pairsOf(item, ": ")));
  if (key === "query_parameters")
    words.parameters.push(...items.flatMap((item) => pairsOf(item, "=")));
  if (key === "cookies") words.cookies.push(...items.flatMap((item) => pairsOf(item, "=")));
}

/** What a generic matcher looks for is beside its input. */
function readInput(input: unknown, parent: unknown, words: Words): void {
  const typed = isConfig(input) ? input["typed_config"] : undefined;
  if (!isConfig(typed)) return;
  const { header_name: header, query_param: parameter } = typed;
  for (const text of valuesOf(parent)) {
    if (typeof header === "string") words.headers.push(`${header}: ${text}`);
    if (typeof parameter === "string") words.parameters.push(`${parameter}=${text}`);
  }
}

function walk(value: unknown, see: (key: string, value: unknown, parent: unknown) => void): void {
  if (Array.isArray(value)) for (const item of value) walk(item, see);
  if (!isConfig(value)) return;
  for (const [key, item] of Object.entries(value)) {
    see(key, item, value);
    walk(item, see);
  }
}

/** A host that a domain matches, and one that it nearly does. */
function hostsOf(domain: string): string[] {
  if (domain === "*") return [];
  if (domain.startsWith("*"))
    return [`b${domain.slice(1)}`, `x${domain.slice(1).replace(/^\./, "")}`];
  if (domain.endsWith("*"))
    return [`${domain.slice(0, -1)}org`, domain.slice(0, -1).replace(/\.$/, "")];
  return [domain];
}

/** What matchers of a header, a parameter or a cookie look for. */
function pairsOf(matcher: unknown, separator: string): string[] {
  if (!isConfig(matcher) || typeof matcher["name"] !== "string") return [];
  const { name } = matcher;
  if (name.startsWith(":") || ["host", "cookie"].includes(name)) return [];
  const values = valuesOf({ ...matcher, name: undefined });
  return (values.length === 0 ? ["a"] : values).map((text) => `${name}${separator}${text}`);
}

/** Texts that the matchers below `value` look for. */
function valuesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(valuesOf);
  if (!isConfig(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (key === "map" && isConfig(item)) return Object.keys(item);
    if (key === "input" || key === "on_match" || key === "on_no_match") return [];
    if (typeof item === "string" && /^(?:exact|prefix|suffix|contains)(?:_match)?$/.test(key))
      return [item];
    return typeof item === "object" ? valuesOf(item) : [];
  });
}
