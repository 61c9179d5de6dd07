/** One listener filter as main posts it: the type that chooses its worker side, and what its compile made. */
export interface ListenerFilterConfig {
  readonly name: string;
  /** Message type name. */
  readonly type: string;
  readonly config: unknown;
  /** `filter_disabled`: connections that pass it by; null for none. */
  readonly disabled: ListenerFilterPredicate | null;
}

/** `ListenerFilterChainMatchPredicate`. */
export type ListenerFilterPredicate =
  | { readonly kind: "or" | "and"; readonly rules: readonly ListenerFilterPredicate[] }
  | { readonly kind: "not"; readonly rule: ListenerFilterPredicate }
  | { readonly kind: "any" }
  /** Of the local address; `end` is not in it. */
  | { readonly kind: "destination_port"; readonly start: number; readonly end: number };
