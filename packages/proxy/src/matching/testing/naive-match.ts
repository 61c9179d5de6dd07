import { BlockList, isIP } from "node:net";
import { buildStringMatcher } from "../../http/route/matchers/string-matcher.ts";
import type {
  ExtensionConfig,
  MatcherConfig,
  OnMatchConfig,
  PredicateConfig,
  TreeConfig,
} from "../model.ts";

/** Values by the name in an input's plain data; undefined: not there yet, null: none. */
export type Values = { readonly [name: string]: string | null | undefined };

/**
 * What a matcher means, written down as plainly as can be: everything one after the other, nothing indexed. The built tree
 * must find the same, and its test says so.
 */
export function naiveMatch<Action>(
  { tree, onNoMatch }: MatcherConfig<Action>,
  values: Values,
): Action | null | undefined {
  for (const candidate of tree === null ? [] : candidates(tree, values)) {
    if (candidate === undefined) return undefined;
    const found = follow(candidate, values);
    if (found !== null) return found;
  }
  return onNoMatch === null ? null : follow(onNoMatch, values);
}

function follow<Action>(on: OnMatchConfig<Action>, values: Values): Action | null | undefined {
  const found = on.kind === "action" ? on.action : naiveMatch(on.matcher, values);
  return on.keepMatching && found !== undefined ? null : found;
}

/** What may be followed, best first; undefined where it cannot be told. */
function candidates<Action>(
  tree: TreeConfig<Action>,
  values: Values,
): readonly (OnMatchConfig<Action> | undefined)[] {
  if (tree.kind === "list") {
    return tree.matchers.flatMap(({ predicate, onMatch }) => {
      const held = holds(predicate, values);
      return held === undefined ? [undefined] : held ? [onMatch] : [];
    });
  }
  const key = valueOf(tree.input, values);
  if (key === undefined) return [undefined];
  if (key === null) return [];
  switch (tree.kind) {
    case "exact":
      return tree.map.filter(([own]) => own === key).map(([, on]) => on);
    case "prefix":
      return tree.map
        .filter(([own]) => key.startsWith(own))
        .toSorted(([a], [b]) => b.length - a.length)
        .map(([, on]) => on);
    case "ip_range": {
      const ranges = tree.matchers.flatMap(({ ranges: own, ...rest }) =>
        own.filter((range) => inRange(key, range)).map(({ bits }) => ({ bits, ...rest })),
      );
      return ranges
        .toSorted((a, b) => b.bits - a.bits)
        .filter(({ exclusive }, index) => index === 0 || !exclusive)
        .map(({ onMatch }) => onMatch);
    }
    case "domain": {
      const domains = tree.matchers.flatMap(({ domains: own, onMatch }) =>
        own.map((domain) => ({ rank: domainRank(domain, key), onMatch })),
      );
      return domains
        .filter(({ rank }) => rank >= 0)
        .toSorted((a, b) => b.rank - a.rank)
        .map(({ onMatch }) => onMatch);
    }
  }
}

/** The higher the better; below 0 for no match. */
function domainRank(domain: string, name: string): number {
  if (name === "") return -1;
  if (domain === "*") return 0;
  if (domain === name) return Number.MAX_SAFE_INTEGER;
  return domain.startsWith("*.") && name.endsWith(domain.slice(1)) ? domain.length : -1;
}

function inRange(ip: string, range: { readonly ip: string; readonly bits: number }): boolean {
  const family = isIP(ip);
  if (family === 0 || family !== isIP(range.ip)) return false;
  const list = new BlockList();
  const bits = Math.min(range.bits, family === 4 ? 32 : 128);
  const name = family === 4 ? "ipv4" : "ipv6";
  list.addSubnet(range.ip, bits, name);
  return list.check(ip, name);
}

function holds(predicate: PredicateConfig, values: Values): boolean | undefined {
  switch (predicate.kind) {
    case "single": {
      const value = valueOf(predicate.input, values);
      if (value === undefined) return undefined;
      if (predicate.matcher.kind === "custom") throw new Error("not for custom matchers");
      return value !== null && buildStringMatcher(predicate.matcher.string)(value);
    }
    case "and":
      for (const inner of predicate.predicates) {
        const held = holds(inner, values);
        if (held !== true) return held;
      }
      return true;
    case "or": {
      const all = predicate.predicates.map((inner) => holds(inner, values));
      return all.includes(true) ? true : all.includes(undefined) ? undefined : false;
    }
    case "not": {
      const held = holds(predicate.predicate, values);
      return held === undefined ? undefined : !held;
    }
  }
}

function valueOf({ plain }: ExtensionConfig, values: Values): string | null | undefined {
  return values[plain as string];
}
