import type { HeaderMutationStep, QueryMutationStep } from "../../header-mutations/model.ts";

/** The message `Mutations`, compiled; of the filter, or of one place with `typed_per_filter_config`. Plain data. */
export interface MutationsConfig {
  readonly request: readonly HeaderMutationStep[];
  readonly query: readonly QueryMutationStep[];
  readonly requestTrailers: readonly HeaderMutationStep[];
  readonly response: readonly HeaderMutationStep[];
  readonly responseTrailers: readonly HeaderMutationStep[];
}

export interface HeaderMutationConfig {
  readonly mutations: MutationsConfig;
  /** Whether route table, virtual host and route are applied in this order, so that the route has the last word. */
  readonly mostSpecificWins: boolean;
}
