import type { FractionConfig } from "../../runtime/model.ts";
import type { HeaderMutationStep } from "../header-mutations/model.ts";

/** `RouteAction.RequestMirrorPolicy` as plain data. What is not configured is left out. */
export interface MirrorPolicyConfig {
  /** Empty when it comes from `clusterHeader`. */
  readonly cluster: string;
  /** Lower case; empty when there is a cluster. */
  readonly clusterHeader: string;
  /** Left out: every request. */
  readonly fraction?: FractionConfig;
  readonly keepsHost?: true;
  readonly hostRewriteLiteral?: string;
  readonly mutations?: readonly HeaderMutationStep[];
}
