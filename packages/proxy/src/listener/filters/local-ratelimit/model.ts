import type { TokenBucketConfig } from "../../../base/token-bucket.ts";
import type { ScopeSlots } from "../../../observe/stats/definition.ts";
import type { FlagConfig } from "../../../runtime/model.ts";

/** A limit of new connections as main posts it: one bucket for the workers together. */
export interface LocalRateLimitConfig {
  readonly scope: ScopeSlots;
  readonly bucket: TokenBucketConfig;
  readonly enabled: FlagConfig;
}
