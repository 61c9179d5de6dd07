import type { GrpcService } from "@nuncio/api/types/envoy/config/core/v3/grpc_service_pb";
import type { CompileContext } from "../config/context.ts";
import { compileDuration } from "../config/durations.ts";
import { compileHeaderValue } from "../http/header-mutations/compile.ts";
import { compileCoreRetryPolicy } from "../http/retry/compile.ts";
import type { RetryPolicyConfig } from "../http/retry/model.ts";
import { toByteString } from "../observe/format/byte-string.ts";
import { ROUTER_STATS } from "../observe/stats/tables/router.ts";
import type { GrpcServiceConfig } from "./model.ts";

/**
 * Compiles a service that workers call. Null for `google_grpc`. Whether its cluster is there is not looked at: that may come
 * later, and a call without it ends at once.
 */
export function compileGrpcService(
  message: GrpcService,
  ctx: CompileContext,
): GrpcServiceConfig | null {
  const { targetSpecifier: target } = message;
  // None at all is refused by validate.rules, google_grpc by the table of implemented fields.
  if (target.case !== "envoyGrpc") return null;
  const { clusterName, authority, maxReceiveMessageLength, skipEnvoyHeaders } = target.value;
  return {
    clusterName,
    authority: toByteString(authority === "" ? clusterName : authority),
    timeoutMs:
      message.timeout === undefined
        ? null
        : compileDuration(message, "timeout", message.timeout, 0, ctx),
    initialMetadata: message.initialMetadata.map((value) => ({
      addition: compileHeaderValue(value, "OVERWRITE_IF_EXISTS_OR_ADD", ctx),
      text: toByteString(value.value),
    })),
    receiveBytesMax: maxReceiveMessageLength ?? 0,
    skipsEnvoyHeaders: skipEnvoyHeaders,
    retry: compileServiceRetry(message, ctx),
    scope: ctx.stats.scope("http.async-client.", ROUTER_STATS),
  };
}

function compileServiceRetry(
  { retryPolicy: policy }: GrpcService,
  ctx: CompileContext,
): RetryPolicyConfig | null {
  return policy === undefined ? null : compileCoreRetryPolicy(policy, policy.retryOn, ctx);
}
