import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import { lowerAscii } from "../matchers/ascii.ts";
import type { PathMatchConfig, RouteConfig, RouteMatchConfig } from "../model.ts";
import { literalPrefix } from "../regex/literal-prefix.ts";
import type { Conditions } from "./conditions.ts";
import { pathOnly } from "./path-to-match.ts";
import { PrefixTrie } from "./prefix-trie.ts";

/**
 * Finds the first route that matches, among many as fast as among few: exact paths by hash, prefixes by a trie, and
 * expressions by the bytes that they must begin with. What comes first in the configuration wins, so each group is
 * asked only for routes that stand before the best one found so far.
 */
export class RouteIndex {
  readonly #exactCase: PathIndex;
  readonly #ignoreCase: PathIndex;
  readonly #templates: PathIndex;
  readonly #conditions: Conditions;
  readonly #connect: number[] = [];

  constructor(routes: readonly RouteConfig[], conditions: Conditions) {
    this.#conditions = conditions;
    this.#exactCase = new PathIndex(conditions);
    this.#ignoreCase = new PathIndex(conditions);
    this.#templates = new PathIndex(conditions);
    for (const [index, { match }] of routes.entries()) {
      const { kind, value } = match.path;
      const paths = this.#pathsFor(match.path);
      const number = index * 2 + (isPlain(match) ? PLAIN : 0);
      if (kind === "connect") this.#connect.push(index);
      else if (kind === "exact") paths.addExact(value, number);
      else if (kind !== "nothing")
        paths.addPrefix(kind === "regex" ? literalPrefix(value) : value, number);
    }
  }

  /** The number of the route for a request without a path, which is a CONNECT, or -1. */
  findConnect(headers: HeaderMap, info: StreamInfo, random: number): number {
    if (headers.method !== "CONNECT") return -1;
    const first = this.#firstConnect(NONE, headers, info, random);
    return first === NONE ? -1 : first;
  }

  /** The route's number, or -1. `path` has no query; `random` is a whole number. */
  find(path: string, headers: HeaderMap, info: StreamInfo, random: number): number {
    let best = this.#exactCase.find(path, NONE, headers, info, random);
    if (!this.#ignoreCase.isEmpty)
      best = this.#ignoreCase.find(lowerAscii(path), best, headers, info, random);
    if (!this.#templates.isEmpty)
      best = this.#templates.find(pathOnly(headers.path), best, headers, info, random);
    if (this.#connect.length > 0 && isConnectUdp(headers))
      best = this.#firstConnect(best, headers, info, random);
    return best === NONE ? -1 : best;
  }

  /** The first route for CONNECT that holds before `best`, or `best`. */
  #firstConnect(best: number, headers: HeaderMap, info: StreamInfo, random: number): number {
    for (const index of this.#connect) {
      if (index >= best) break;
      if (this.#conditions.hold(index, headers, info, random)) return index;
    }
    return best;
  }

  /** Templates stand apart: they match a path with its parameters even where the others do not look at those. */
  #pathsFor({ ignoreCase, template }: PathMatchConfig): PathIndex {
    if (template !== undefined) return this.#templates;
    return ignoreCase === true ? this.#ignoreCase : this.#exactCase;
  }
}

/** RFC 9298: a CONNECT for UDP, as an upgrade, and with a path. */
function isConnectUdp(headers: HeaderMap): boolean {
  return headers.get("upgrade")?.toLowerCase() === "connect-udp";
}

/** Behind every route. */
const NONE = Number.MAX_SAFE_INTEGER;
/** The lowest bit of a number in the index: the route asks for nothing but what the index has found already. */
const PLAIN = 1;

function isPlain(match: RouteMatchConfig): boolean {
  const { path, ...conditions } = match;
  if (path.kind !== "exact" && path.kind !== "prefix") return false;
  return Object.keys(conditions).length === 0;
}

class PathIndex {
  isEmpty = true;
  readonly #conditions: Conditions;
  /** Null while there are none: hashing a path is not for nothing. */
  #exact: Map<string, number[]> | null = null;
  readonly #prefixes = new PrefixTrie();

  constructor(conditions: Conditions) {
    this.#conditions = conditions;
  }

  /** `number` is twice the route's, with its lowest bit as `PLAIN` says. */
  addExact(path: string, number: number): void {
    this.isEmpty = false;
    this.#exact ??= new Map();
    const numbers = this.#exact.get(path);
    if (numbers === undefined) this.#exact.set(path, [number]);
    else numbers.push(number);
  }

  addPrefix(prefix: string, number: number): void {
    this.isEmpty = false;
    this.#prefixes.add(prefix, number);
  }

  /** The first matching route before `best`, or `best`. */
  find(path: string, best: number, headers: HeaderMap, info: StreamInfo, random: number): number {
    const exact = this.#exact === null ? undefined : this.#exact.get(path);
    if (exact !== undefined) best = this.#first(exact, path, best, headers, info, random);
    this.#prefixes.start(path);
    for (let group = this.#prefixes.next(); group !== null; group = this.#prefixes.next()) {
      best = this.#first(group, path, best, headers, info, random);
    }
    return best;
  }

  #first(
    group: readonly number[],
    path: string,
    best: number,
    headers: HeaderMap,
    info: StreamInfo,
    random: number,
  ): number {
    const conditions = this.#conditions;
    for (let i = 0; i < group.length; i++) {
      const number = group[i]!;
      const index = number >> 1;
      if (index >= best) return best;
      if ((number & PLAIN) !== 0) return index;
      if (conditions.pathHolds(index, path) && conditions.hold(index, headers, info, random))
        return index;
    }
    return best;
  }
}
