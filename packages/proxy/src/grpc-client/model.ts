import type { HeaderAddition } from "../http/header-mutations/model.ts";
import type { RetryPolicyConfig } from "../http/retry/model.ts";
import type { ScopeSlots } from "../observe/stats/definition.ts";

/** A `GrpcService` with `envoy_grpc`, as main posts it to workers: plain data. */
export interface GrpcServiceConfig {
  readonly clusterName: string;
  /** `:authority`; the cluster's name by default. */
  readonly authority: string;
  /** `timeout` in milliseconds; null when it is not set. What it is about, who calls decides, as in Envoy. */
  readonly timeoutMs: number | null;
  readonly initialMetadata: readonly InitialMetadata[];
  /** A message that is larger ends its call with RESOURCE_EXHAUSTED; 0: no limit. */
  readonly receiveBytesMax: number;
  /** Leaves out `x-envoy-internal` and `x-forwarded-for`. */
  readonly skipsEnvoyHeaders: boolean;
  /** For calls that do not bring their own; null: none. */
  readonly retry: RetryPolicyConfig | null;
  /** `http.async-client.` */
  readonly scope: ScopeSlots;
}

/** A header of each call. */
export interface InitialMetadata {
  readonly addition: HeaderAddition;
  /** As it stands in the configuration, for calls that belong to no request; a byte string. */
  readonly text: string;
}
