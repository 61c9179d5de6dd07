import { buildHeaderMatcher, type HeaderTestFunction } from "../route/matchers/header-matcher.ts";
import type { RetryPolicyConfig } from "./model.ts";

/** A retry policy on a worker: what all requests share that it is for. */
export class RetryPolicy {
  readonly config: RetryPolicyConfig;
  readonly responseTests: readonly HeaderTestFunction[];
  readonly requestTests: readonly HeaderTestFunction[];

  constructor(config: RetryPolicyConfig) {
    this.config = config;
    this.responseTests = config.responseHeaders.map(buildHeaderMatcher);
    this.requestTests = config.requestHeaders.map(buildHeaderMatcher);
  }
}

/** Where nobody says when to retry, a sender's wishes have this beside them. */
export const NO_RETRY_POLICY: RetryPolicy = new RetryPolicy({
  on: 0,
  retriesMax: 1,
  perTryTimeoutMs: 0,
  perTryIdleTimeoutMs: 0,
  statusCodes: [],
  responseHeaders: [],
  requestHeaders: [],
  hostPredicates: [],
  hostSelectionAttemptsMax: 0,
  prioritiesUpdateFrequency: 0,
});

/** Null for none. */
export function buildRetryPolicy(config: RetryPolicyConfig | undefined): RetryPolicy | null {
  return config === undefined ? null : new RetryPolicy(config);
}

/** Policies that do not stand on a route, by what they are configured with. */
export class RetryPolicies {
  readonly #built = new WeakMap<RetryPolicyConfig, RetryPolicy>();

  of(config: RetryPolicyConfig): RetryPolicy {
    let policy = this.#built.get(config);
    if (policy === undefined) this.#built.set(config, (policy = new RetryPolicy(config)));
    return policy;
  }
}
