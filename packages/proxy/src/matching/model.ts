import type { StringMatcherConfig } from "../http/route/matchers/string-matcher.ts";

// A tree of `xds.type.matcher.v3.Matcher` as plain data: what main posts to the workers, and what explains a decision.
// Text that meets the wire is a byte string.

/** One matcher, nested or not. Without a tree it always comes to `onNoMatch`. */
export interface MatcherConfig<Action> {
  readonly tree: TreeConfig<Action> | null;
  readonly onNoMatch: OnMatchConfig<Action> | null;
}

/** What a match leads to: an action, or a further matcher. */
export type OnMatchConfig<Action> = {
  /** The match is noted and the search goes on, as if it had missed. */
  readonly keepMatching: boolean;
} & (
  | { readonly kind: "action"; readonly action: Action }
  | { readonly kind: "matcher"; readonly matcher: MatcherConfig<Action> }
);

export type TreeConfig<Action> =
  | { readonly kind: "list"; readonly matchers: readonly FieldMatcherConfig<Action>[] }
  | MapTreeConfig<Action>
  | IpRangeTreeConfig<Action>
  | DomainTreeConfig<Action>;

export interface FieldMatcherConfig<Action> {
  readonly predicate: PredicateConfig;
  readonly onMatch: OnMatchConfig<Action>;
}

export interface MapTreeConfig<Action> {
  readonly kind: "exact" | "prefix";
  readonly input: ExtensionConfig;
  readonly map: readonly (readonly [key: string, onMatch: OnMatchConfig<Action>])[];
}

/** `xds.type.matcher.v3.IPMatcher`. */
export interface IpRangeTreeConfig<Action> {
  readonly kind: "ip_range";
  readonly input: ExtensionConfig;
  readonly matchers: readonly {
    /** `bits` as configured: it may be more than the address has, and ranks above a whole address then. */
    readonly ranges: readonly { readonly ip: string; readonly bits: number }[];
    /** Not used once a longer range has matched and missed. */
    readonly exclusive: boolean;
    readonly onMatch: OnMatchConfig<Action>;
  }[];
}

/** `xds.type.matcher.v3.ServerNameMatcher`. */
export interface DomainTreeConfig<Action> {
  readonly kind: "domain";
  readonly input: ExtensionConfig;
  readonly matchers: readonly {
    /** Exact, `*.suffix`, or `*`. */
    readonly domains: readonly string[];
    readonly onMatch: OnMatchConfig<Action>;
  }[];
}

export type PredicateConfig =
  | {
      readonly kind: "single";
      readonly input: ExtensionConfig;
      readonly matcher: ValueMatcherConfig;
    }
  | { readonly kind: "and" | "or"; readonly predicates: readonly PredicateConfig[] }
  | { readonly kind: "not"; readonly predicate: PredicateConfig };

/** `value_match`, or an extension. */
export type ValueMatcherConfig =
  | { readonly kind: "string"; readonly string: StringMatcherConfig }
  | ({ readonly kind: "custom" } & ExtensionConfig);

/** An input or an input matcher: the type of its message, and what its compile function gave. */
export interface ExtensionConfig {
  readonly type: string;
  readonly plain: unknown;
}
