import type { HeaderMatcherConfig } from "../route/matchers/header-matcher.ts";

/** `envoy.config.route.v3.RetryPolicy` as plain data. */
export interface RetryPolicyConfig {
  /** `RetryOn` bits. */
  readonly on: number;
  /** How often at most. */
  readonly retriesMax: number;
  /** From the end of the request to the head of the response; 0: no limit. */
  readonly perTryTimeoutMs: number;
  /** From the end of the request, or a piece of the response, to the next one; 0: no limit. */
  readonly perTryIdleTimeoutMs: number;
  /** The first pause is a random part of this; the range doubles each time. Left out: as the runtime says. */
  readonly baseIntervalMs?: number;
  /** The range grows no further than this. Left out: ten times the shortest. */
  readonly maxIntervalMs?: number;
  /** Pauses that a response asks for; left out: it is not asked. */
  readonly rateLimited?: RateLimitedBackOffConfig;
  readonly statusCodes: readonly number[];
  /** Responses with any of them are retriable. */
  readonly responseHeaders: readonly HeaderMatcherConfig[];
  /** Only requests with any of them are retried; empty: all. */
  readonly requestHeaders: readonly HeaderMatcherConfig[];
  /** Hosts that a retry avoids. */
  readonly hostPredicates: readonly HostPredicateConfig[];
  /** How often another host is looked for before the last one is taken anyway. */
  readonly hostSelectionAttemptsMax: number;
  /** Priorities that were tried are avoided, looked at anew each so many attempts; 0: they are not. */
  readonly prioritiesUpdateFrequency: number;
}

/** `rate_limited_retry_back_off`. */
export interface RateLimitedBackOffConfig {
  /** The first that tells of a time that is not too long. */
  readonly headers: readonly ResetHeaderConfig[];
  readonly maxIntervalMs: number;
}

export interface ResetHeaderConfig {
  /** Lower case. */
  readonly name: string;
  /** Seconds from now on, or since the epoch. */
  readonly format: "seconds" | "unix_timestamp";
}

export type HostPredicateConfig =
  /** Those of the attempts before. */
  | { readonly kind: "previous_hosts" }
  | { readonly kind: "omit_canary_hosts" }
  /** Those that have all of these labels. */
  | { readonly kind: "omit_host_metadata"; readonly labels: Readonly<Record<string, unknown>> };
