import type { FractionConfig } from "../../runtime/model.ts";
import type { StringMatcherConfig } from "../route/matchers/string-matcher.ts";

/**
 * A `CorsPolicy` as plain data, of a route or virtual host, or of their `typed_per_filter_config`. What is not said is left
 * out, and a less specific policy may say it. Texts are byte strings.
 */
export interface CorsPolicyConfig {
  readonly allowOrigins?: readonly StringMatcherConfig[];
  readonly allowMethods?: string;
  readonly allowHeaders?: string;
  readonly exposeHeaders?: string;
  readonly maxAge?: string;
  readonly allowCredentials?: boolean;
  readonly allowPrivateNetworkAccess?: boolean;
  readonly forwardNotMatchingPreflights?: boolean;
  /** Left out: every request. */
  readonly filterEnabled?: FractionConfig;
  /** Left out: no request. */
  readonly shadowEnabled?: FractionConfig;
}
