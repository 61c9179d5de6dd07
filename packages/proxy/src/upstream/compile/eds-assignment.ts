import type { LbEndpoint } from "@nuncio/api/types/envoy/config/endpoint/v3/endpoint_components_pb";
import type { ClusterLoadAssignment } from "@nuncio/api/types/envoy/config/endpoint/v3/endpoint_pb";
import type { CompileContext } from "../../config/context.ts";
import type { EndpointConfig, LoadAssignment } from "../definition.ts";
import { compileEndpoint, compileLoadAssignment } from "./load-assignment.ts";

/** A `ClusterLoadAssignment` that came by EDS for the service of that name. */
export function compileEdsAssignment(
  message: ClusterLoadAssignment,
  serviceName: string,
  ctx: CompileContext,
): LoadAssignment {
  if (message.clusterName !== serviceName) {
    const text = `Unexpected EDS cluster (expecting ${serviceName}): ${message.clusterName}`;
    ctx.problems.error(message, "cluster_name", text);
  }
  return compileLoadAssignment(message, "EDS", ctx);
}

/** One endpoint that came by LEDS; null with the problems that say why not. */
export function compileLedsEndpoint(
  message: LbEndpoint,
  ctx: CompileContext,
): EndpointConfig | null {
  return compileEndpoint(message, "EDS", ctx);
}
