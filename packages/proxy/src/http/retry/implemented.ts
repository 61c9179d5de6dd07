import { EXTENSION_TYPES } from "./extensions.ts";

/** Fields of retry and hedge policies that are implemented. */
export const implemented = {
  "envoy.config.route.v3.RetryPolicy": [
    "retry_on",
    "num_retries",
    "per_try_timeout",
    "per_try_idle_timeout",
    "retry_priority",
    "retry_host_predicate",
    "retry_options_predicates",
    "host_selection_retry_max_attempts",
    "retriable_status_codes",
    "retry_back_off",
    "rate_limited_retry_back_off",
    "retriable_headers",
    "retriable_request_headers",
  ],
  "envoy.config.route.v3.RetryPolicy.RetryPriority": "all",
  "envoy.config.route.v3.RetryPolicy.RetryHostPredicate": "all",
  "envoy.config.route.v3.RetryPolicy.RetryBackOff": "all",
  "envoy.config.route.v3.RetryPolicy.RateLimitedRetryBackOff": "all",
  "envoy.config.route.v3.RetryPolicy.ResetHeader": "all",
  // The others have no effect in Envoy.
  "envoy.config.route.v3.HedgePolicy": ["hedge_on_per_try_timeout"],
  [EXTENSION_TYPES.previousHosts]: "all",
  [EXTENSION_TYPES.omitCanaryHosts]: "all",
  [EXTENSION_TYPES.omitHostMetadata]: "all",
  [EXTENSION_TYPES.previousPriorities]: "all",
} as const;
