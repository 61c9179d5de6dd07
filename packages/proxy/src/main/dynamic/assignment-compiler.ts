import type { LbEndpoint } from "@nuncio/api/types/envoy/config/endpoint/v3/endpoint_components_pb";
import type { ClusterLoadAssignment } from "@nuncio/api/types/envoy/config/endpoint/v3/endpoint_pb";
import {
  compileEdsAssignment,
  compileLedsEndpoint,
} from "../../upstream/compile/eds-assignment.ts";
import type { EndpointConfig, LoadAssignment } from "../../upstream/definition.ts";
import type { EdsServices } from "../../upstream/manager/managed-cluster.ts";
import { compileResource, type ResourceContext } from "./resource-compiler.ts";

/** What reads the ClusterLoadAssignments of all clusters, and endpoints that come one by one. */
export function assignmentCompiler(
  context: ResourceContext,
  allowUnimplemented: boolean,
): Pick<EdsServices, "compile" | "compileEndpoint"> {
  const own = { ...context, targets: [] };
  return {
    compile: (resource, serviceName) =>
      compileResource<ClusterLoadAssignment, LoadAssignment>(
        resource,
        own,
        allowUnimplemented,
        (message, ctx) => compileEdsAssignment(message, serviceName, ctx),
      ),
    compileEndpoint(resource) {
      const compiled = compileResource<LbEndpoint, EndpointConfig | null>(
        resource,
        own,
        allowUnimplemented,
        compileLedsEndpoint,
      );
      if ("error" in compiled) return compiled;
      // What is null has a problem.
      return { plain: compiled.plain! };
    },
  };
}
