import type { RetryPolicy as RetryPolicyMessage } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileDuration } from "../../config/durations.ts";
import type { RetryPolicy } from "./retry-policy.ts";

const BASE_INTERVAL_MS = 1000;
/** Without one of its own the longest interval is so many times the shortest. */
const MAX_PER_BASE = 10;

/**
 * A `core.v3.RetryPolicy` of requests that the proxy sends for itself. `retryOn`: when, as in `x-envoy-retry-on`; other
 * conditions than `connect-failure` are not implemented yet.
 */
export function compileRetryPolicy(
  message: RetryPolicyMessage,
  retryOn: string,
  ctx: CompileContext,
): RetryPolicy {
  for (const condition of retryOn.split(",").map((text) => text.trim())) {
    if (condition === "connect-failure" || condition === "") continue;
    ctx.problems.error(message, "retry_on", `not implemented yet: retry on '${condition}'`);
  }
  return { retriesMax: retryOn === "" ? 0 : (message.numRetries ?? 1), ...intervals(message, ctx) };
}

function intervals(
  { retryBackOff: given }: RetryPolicyMessage,
  ctx: CompileContext,
): Pick<RetryPolicy, "baseIntervalMs" | "maxIntervalMs"> {
  if (given === undefined)
    return { baseIntervalMs: BASE_INTERVAL_MS, maxIntervalMs: MAX_PER_BASE * BASE_INTERVAL_MS };
  const baseIntervalMs = compileDuration(
    given,
    "base_interval",
    given.baseInterval,
    BASE_INTERVAL_MS,
    ctx,
  );
  const maxIntervalMs = compileDuration(
    given,
    "max_interval",
    given.maxInterval,
    MAX_PER_BASE * baseIntervalMs,
    ctx,
  );
  if (maxIntervalMs < baseIntervalMs)
    ctx.problems.error(
      given,
      "max_interval",
      "max_interval must be greater than or equal to the base_interval",
    );
  return { baseIntervalMs, maxIntervalMs };
}
