import type { ClusterLoadAssignment } from "@nuncio/api/types/envoy/config/endpoint/v3/endpoint_pb";
import type { CompileContext } from "../../config/context.ts";
import type { LoadAssignment } from "../definition.ts";
import { compileLoadAssignment } from "./load-assignment.ts";

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
