import type { IrL4Route } from "../../../ir/listener.ts";
import type { BackendReferences } from "../../backends/backend-references.ts";
import type { BackendDemand } from "../../translated-route.ts";
import type { L4RouteObject } from "../objects.ts";

/** The rules of a TLSRoute, TCPRoute or UDPRoute: there is one, or more where an older version of the kind has them. */
export function translateL4Rules(
  { metadata, spec }: L4RouteObject,
  kind: "TLSRoute" | "TCPRoute" | "UDPRoute",
  { backends, protocol }: { backends: BackendReferences; protocol: BackendDemand["protocol"] },
): IrL4Route[] {
  return (spec.rules ?? []).map(({ backendRefs = [] }, rule) => ({
    name: `${kind.toLowerCase()}/${metadata.namespace}/${metadata.name}/rule/${rule}`,
    clusters: backendRefs.map((ref, i) => ({
      cluster: backends.resolve(ref, { protocol, where: `rules[${rule}].backendRefs[${i}]` }),
      weight: ref.weight ?? 1,
    })),
  }));
}
