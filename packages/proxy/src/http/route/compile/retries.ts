import type {
  RouteAction,
  VirtualHost,
} from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { CompileContext } from "../../../config/context.ts";
import { compileRetryPolicy } from "../../retry/compile.ts";
import type { RouteActionConfig } from "../model.ts";

/** `retry_policy` and `hedge_policy`; only what is set. */
export function compileRetries(
  { retryPolicy, hedgePolicy }: RouteAction | VirtualHost,
  ctx: CompileContext,
): Pick<RouteActionConfig, "retryPolicy" | "hedgeOnPerTryTimeout"> {
  return {
    ...(retryPolicy !== undefined && { retryPolicy: compileRetryPolicy(retryPolicy, ctx) }),
    ...(hedgePolicy !== undefined && { hedgeOnPerTryTimeout: hedgePolicy.hedgeOnPerTryTimeout }),
  };
}
