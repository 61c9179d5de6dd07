import type { TextPlan } from "../../observe/format/plan.ts";

/** Envoy's `append_action`, of headers and of query parameters. */
export type AppendAction =
  | "APPEND_IF_EXISTS_OR_ADD"
  | "ADD_IF_ABSENT"
  | "OVERWRITE_IF_EXISTS_OR_ADD"
  | "OVERWRITE_IF_EXISTS";

/** A `HeaderValueOption`, compiled: plain data. */
export interface HeaderAddition {
  /** Lower case. */
  readonly name: string;
  readonly value: TextPlan;
  readonly action: AppendAction;
  /** Without it an empty value leaves the headers as they are. */
  readonly keepEmpty: boolean;
}

/** `…_headers_to_add` and `…_headers_to_remove` of a route, virtual host, table …: plain data. */
export interface HeaderMutationsConfig {
  readonly add: readonly HeaderAddition[];
  /** Lower case. */
  readonly remove: readonly string[];
}

/** One step of a list of `HeaderMutation`; steps are applied one after the other. Plain data. */
export type HeaderMutationStep =
  | { readonly kind: "append"; readonly addition: HeaderAddition }
  | { readonly kind: "remove"; readonly name: string }
  /** Removes every header whose name matches; what the string matcher's compile function gave. */
  | { readonly kind: "remove_on_match"; readonly matcher: unknown };

/** One `KeyValueMutation` of a query. Plain data. */
export type QueryMutationStep =
  | {
      readonly kind: "append";
      readonly name: string;
      readonly value: TextPlan;
      readonly action: AppendAction;
    }
  | { readonly kind: "remove"; readonly name: string };
