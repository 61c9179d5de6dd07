import type { LocalRateLimit } from "@nuncio/api/types/envoy/extensions/filters/listener/local_ratelimit/v3/local_ratelimit_pb";
import type { TokenBucket } from "@nuncio/api/types/envoy/type/v3/token_bucket_pb";
import { tokenBucketConfig } from "../../../base/token-bucket.ts";
import type { CompileContext } from "../../../config/context.ts";
import { compileDuration } from "../../../config/durations.ts";
import { LISTENER_LOCAL_RATELIMIT_STATS } from "../../../observe/stats/tables/listener-local-ratelimit.ts";
import { compileRuntimeFlag } from "../../../runtime/compile-values.ts";
import type { ListenerFilterConfigSide } from "../extension.ts";
import type { LocalRateLimitConfig } from "./model.ts";

const TYPE = "envoy.extensions.filters.listener.local_ratelimit.v3.LocalRateLimit";
const FILL_INTERVAL_MIN_MS = 50;

/** Main side of the local rate limit. */
export const localRateLimitConfigSide: ListenerFilterConfigSide<
  LocalRateLimit,
  LocalRateLimitConfig
> = {
  configType: TYPE,
  implemented: {
    [TYPE]: "all",
    "envoy.type.v3.TokenBucket": "all",
    "envoy.config.core.v3.RuntimeFeatureFlag": ["default_value", "runtime_key"],
  },
  compile: ({ statPrefix, tokenBucket, runtimeEnabled }, ctx) => ({
    scope: ctx.stats.scope(
      `listener_local_ratelimit.${statPrefix}.`,
      LISTENER_LOCAL_RATELIMIT_STATS,
    ),
    // validate.rules ask for a bucket, and for its interval.
    bucket: compileBucket(tokenBucket!, ctx),
    enabled: compileRuntimeFlag(runtimeEnabled),
  }),
};

function compileBucket(bucket: TokenBucket, ctx: CompileContext): LocalRateLimitConfig["bucket"] {
  const { maxTokens, tokensPerFill, fillInterval } = bucket;
  const intervalMs = compileDuration(bucket, "fill_interval", fillInterval, 0, ctx);
  if (intervalMs < FILL_INTERVAL_MIN_MS) {
    const text = `local rate limit token bucket fill timer must be >= ${FILL_INTERVAL_MIN_MS}ms`;
    ctx.problems.error(bucket, "fill_interval", text);
  }
  return tokenBucketConfig(maxTokens, tokensPerFill ?? 1, intervalMs);
}
