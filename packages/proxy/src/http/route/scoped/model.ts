import type { RouteTableConfig } from "../model.ts";

/** `scoped_routes` as main posts it to the workers: plain data. */
export interface ScopedRoutesConfig {
  /** One for each fragment of a key, in order. */
  readonly extractors: readonly HeaderValueExtractorConfig[];
  /** Those of the configuration; empty when they come by SRDS. */
  readonly scopes: readonly ScopeConfig[];
  /** The number of the scopes that come by SRDS; null when none do. */
  readonly scopesId: number | null;
}

/** One scope that came by SRDS. */
export interface DeliveredScope {
  readonly name: string;
  /** Its fragments in one text (`scopeKey`). */
  readonly key: string;
  /** Its table, or the number of one that comes by RDS. */
  readonly table: RouteTableConfig | number;
}

/** One scope: the table of the requests that give this key. */
export interface ScopeConfig {
  /** Byte strings, as many as there are extractors. */
  readonly key: readonly string[];
  readonly table: RouteTableConfig;
}

/** Where in a request a fragment of the key stands. Texts are byte strings. */
export interface HeaderValueExtractorConfig {
  /** Lower case. */
  readonly header: string;
  /** What stands between the elements of the value; empty: the value is one element. */
  readonly elementSeparator: string;
  /** Which element it is, or the value of the element that begins with this key. */
  readonly pick:
    | { readonly kind: "index"; readonly index: number }
    | { readonly kind: "element"; readonly separator: string; readonly key: string };
}

/** What became different about the scopes of one `scoped_routes`. */
export interface ScopesChange {
  /** Names. */
  readonly removed: readonly string[];
  /** New, or in the place of those of their names. */
  readonly set: readonly DeliveredScope[];
}
