import type { ClusterLoadAssignment } from "@nuncio/api/types/envoy/config/endpoint/v3/endpoint_pb";
import { compileEdsAssignment } from "../../upstream/compile/eds-assignment.ts";
import type { LoadAssignment } from "../../upstream/definition.ts";
import type { EdsServices } from "../../upstream/manager/managed-cluster.ts";
import { compileResource, type ResourceContext } from "./resource-compiler.ts";

/** What reads the ClusterLoadAssignments of all clusters. */
export function assignmentCompiler(
  context: ResourceContext,
  allowUnimplemented: boolean,
): EdsServices["compile"] {
  return (resource, serviceName) =>
    compileResource<ClusterLoadAssignment, LoadAssignment>(
      resource,
      { ...context, targets: [] },
      allowUnimplemented,
      (message, ctx) => compileEdsAssignment(message, serviceName, ctx),
    );
}
