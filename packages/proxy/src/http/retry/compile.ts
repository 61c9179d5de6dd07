import type { RetryPolicy as CoreRetryPolicy } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type {
  RetryPolicy,
  RetryPolicy_RateLimitedRetryBackOff,
  RetryPolicy_RetryBackOff,
} from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileDuration } from "../../config/durations.ts";
import { compileHeaderMatcher } from "../route/matchers/header-matcher.ts";
import {
  compileHostPredicate,
  compileRetryPriority,
  refuseOptionsPredicates,
} from "./extensions.ts";
import type { RateLimitedBackOffConfig, RetryPolicyConfig } from "./model.ts";
import { parseRetryOn } from "./retry-on.ts";

const RETRIES_DEFAULT = 1;
const HOST_SELECTION_ATTEMPTS_DEFAULT = 1;
const RATE_LIMITED_INTERVAL_MAX_MS = 300_000;
/** Of requests that the proxy sends for itself. */
const CORE_BASE_INTERVAL_MS = 1000;
const UNIX_TIMESTAMP = 1;

type Intervals = Pick<RetryPolicyConfig, "baseIntervalMs" | "maxIntervalMs">;

/** The `retry_policy` of a route, virtual host or cluster. */
export function compileRetryPolicy(message: RetryPolicy, ctx: CompileContext): RetryPolicyConfig {
  const { retryBackOff, rateLimitedRetryBackOff, hostSelectionRetryMaxAttempts } = message;
  refuseOptionsPredicates(message, ctx);
  return {
    on: parseRetryOn(message.retryOn),
    retriesMax: message.numRetries ?? RETRIES_DEFAULT,
    perTryTimeoutMs: compileDuration(message, "per_try_timeout", message.perTryTimeout, 0, ctx),
    perTryIdleTimeoutMs: compileDuration(
      message,
      "per_try_idle_timeout",
      message.perTryIdleTimeout,
      0,
      ctx,
    ),
    ...(retryBackOff !== undefined &&
      compileBackOff(
        retryBackOff,
        "retry_policy.max_interval must greater than or equal to the base_interval",
        ctx,
      )),
    ...(rateLimitedRetryBackOff !== undefined && {
      rateLimited: compileRateLimited(rateLimitedRetryBackOff, ctx),
    }),
    statusCodes: message.retriableStatusCodes,
    responseHeaders: message.retriableHeaders.map((matcher) => compileHeaderMatcher(matcher, ctx)),
    requestHeaders: message.retriableRequestHeaders.map((matcher) =>
      compileHeaderMatcher(matcher, ctx),
    ),
    hostPredicates: message.retryHostPredicate.flatMap(
      (predicate) => compileHostPredicate(predicate, ctx) ?? [],
    ),
    // 0 is none to Envoy.
    hostSelectionAttemptsMax:
      Number(hostSelectionRetryMaxAttempts) || HOST_SELECTION_ATTEMPTS_DEFAULT,
    prioritiesUpdateFrequency: compileRetryPriority(message.retryPriority, ctx),
  };
}

/** A `core.v3.RetryPolicy` of requests that the proxy sends for itself. `retryOn`: when. */
export function compileCoreRetryPolicy(
  message: CoreRetryPolicy,
  retryOn: string,
  ctx: CompileContext,
): RetryPolicyConfig {
  return {
    on: parseRetryOn(retryOn),
    retriesMax: retryOn === "" ? 0 : (message.numRetries ?? RETRIES_DEFAULT),
    perTryTimeoutMs: 0,
    perTryIdleTimeoutMs: 0,
    ...(message.retryBackOff === undefined
      ? { baseIntervalMs: CORE_BASE_INTERVAL_MS }
      : compileBackOff(
          message.retryBackOff,
          "max_interval must be greater than or equal to the base_interval",
          ctx,
        )),
    statusCodes: [],
    responseHeaders: [],
    requestHeaders: [],
    hostPredicates: [],
    hostSelectionAttemptsMax: HOST_SELECTION_ATTEMPTS_DEFAULT,
    prioritiesUpdateFrequency: 0,
  };
}

/** Of the messages of `core` and `route`, which say the same. Less than a millisecond is one. */
function compileBackOff(
  message: RetryPolicy_RetryBackOff | NonNullable<CoreRetryPolicy["retryBackOff"]>,
  whenTooShort: string,
  ctx: CompileContext,
): Intervals {
  const ms = (field: "base_interval" | "max_interval"): number => {
    const given = field === "base_interval" ? message.baseInterval : message.maxInterval;
    return Math.max(1, compileDuration(message, field, given, 0, ctx));
  };
  const baseIntervalMs = ms("base_interval");
  if (message.maxInterval === undefined) return { baseIntervalMs };
  const maxIntervalMs = ms("max_interval");
  if (maxIntervalMs < baseIntervalMs) ctx.problems.error(message, "max_interval", whenTooShort);
  return { baseIntervalMs, maxIntervalMs };
}

function compileRateLimited(
  message: RetryPolicy_RateLimitedRetryBackOff,
  ctx: CompileContext,
): RateLimitedBackOffConfig {
  const { resetHeaders, maxInterval } = message;
  return {
    headers: resetHeaders.map(({ name, format }) => ({
      name: name.toLowerCase(),
      format: format === UNIX_TIMESTAMP ? "unix_timestamp" : "seconds",
    })),
    maxIntervalMs: Math.max(
      1,
      compileDuration(message, "max_interval", maxInterval, RATE_LIMITED_INTERVAL_MAX_MS, ctx),
    ),
  };
}
