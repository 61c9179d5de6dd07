import type { IrL4Route } from "../../../ir/listener.ts";
import type { BackendReferences } from "../../backends/backend-references.ts";
import type { BackendDemand } from "../../translated-route.ts";
import type { L4RouteObject } from "../objects.ts";

/** Where a TLSRoute, TCPRoute or UDPRoute sends what arrives: its one rule. Undefined: it has none. */
export function translateL4Rule(
  { metadata, spec }: L4RouteObject,
  kind: "TLSRoute" | "TCPRoute" | "UDPRoute",
  { backends, protocol }: { backends: BackendReferences; protocol: BackendDemand["protocol"] },
): IrL4Route | undefined {
  const [rule] = spec.rules ?? [];
  if (rule === undefined) return undefined;
  return {
    name: `${kind.toLowerCase()}/${metadata.namespace}/${metadata.name}/rule/0`,
    ...(rule.name !== undefined && { ruleName: rule.name }),
    clusters: backends
      .resolveAll(rule.backendRefs ?? [], { protocol, where: "rules[0].backendRefs" })
      .map(({ cluster, weight }) => ({ cluster, weight })),
  };
}
