import type { RouteAction_RequestMirrorPolicy } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { CompileContext } from "../../config/context.ts";
import { builtInCommands } from "../../observe/format/built-in-commands.ts";
import { toByteString } from "../../observe/format/byte-string.ts";
import { compileRuntimeFraction } from "../../runtime/compile-values.ts";
import { compileHeaderMutations } from "../header-mutations/compile.ts";
import type { MirrorPolicyConfig } from "./model.ts";

/** `request_mirror_policies` of one place. `clusterNames` are those that may be named; null: any. */
export function compileMirrorPolicies(
  messages: readonly RouteAction_RequestMirrorPolicy[],
  clusterNames: CompileContext["clusterNames"],
  ctx: CompileContext,
): MirrorPolicyConfig[] {
  return messages.map((message) => {
    checkCluster(message, clusterNames, ctx);
    const { runtimeFraction: fraction } = message;
    const mutations = compileHeaderMutations(
      message.requestHeadersMutations,
      builtInCommands(ctx),
      ctx,
    );
    return {
      cluster: message.cluster,
      clusterHeader: message.clusterHeader.toLowerCase(),
      ...(fraction !== undefined && { fraction: compileRuntimeFraction(fraction) }),
      ...(message.disableShadowHostSuffixAppend && { keepsHost: true as const }),
      ...(message.hostRewriteLiteral !== "" && {
        hostRewriteLiteral: toByteString(message.hostRewriteLiteral),
      }),
      ...(mutations.length > 0 && { mutations }),
    };
  });
}

function checkCluster(
  message: RouteAction_RequestMirrorPolicy,
  clusterNames: CompileContext["clusterNames"],
  { problems }: CompileContext,
): void {
  const { cluster, clusterHeader } = message;
  if (cluster === "" && clusterHeader === "") {
    const text =
      "Exactly one of cluster or cluster_header in request mirror policy need to be specified";
    problems.error(message, undefined, text);
  } else if (cluster !== "" && clusterHeader !== "") {
    const text = `Only one of cluster '${cluster}' or cluster_header '${clusterHeader}' in request mirror policy can be specified`;
    problems.error(message, "cluster_header", text);
  } else if (cluster !== "" && clusterNames?.has(cluster) === false) {
    problems.error(message, "cluster", `route: unknown shadow cluster '${cluster}'`);
  }
}
