import type { RouteTableConfig } from "../model.ts";

/** `scoped_routes` as main posts it to the workers: plain data. */
export interface ScopedRoutesConfig {
  /** One for each fragment of a key, in order. */
  readonly extractors: readonly HeaderValueExtractorConfig[];
  readonly scopes: readonly ScopeConfig[];
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
