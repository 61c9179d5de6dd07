import type { BackendDemand } from "../translated-route.ts";
import { BACKEND_KINDS } from "./backend-kinds.ts";

/** `<gateway>/service/<namespace>/<name>/<port>`, and how it is spoken to where that is not HTTP. */
export function clusterName(demand: Omit<BackendDemand, "cluster">): string {
  const { gateway, kind, namespace, name, port, protocol, fallbacks = [] } = demand;
  const spoken = protocol === "http" ? "" : `/${protocol}`;
  const behind = fallbacks.map((fallback) => `/fallback/${fallback}`).join("");
  return `${gateway}/${kind.toLowerCase()}/${namespace}/${name}/${port}${spoken}${behind}`;
}

/** What a cluster with this name is for: names are made by `clusterName`, and no part of one has a slash. */
export function demandOf(cluster: string): BackendDemand {
  const [own = "", ...fallbacks] = cluster.split("/fallback/");
  const [gatewayNamespace, gatewayName, place, namespace = "", name = "", port, protocol] =
    own.split("/");
  const { group, kind } = BACKEND_KINDS.find((known) => known.kind.toLowerCase() === place)!;
  return {
    cluster,
    gateway: `${gatewayNamespace}/${gatewayName}`,
    group,
    kind,
    namespace,
    name,
    port: Number(port),
    protocol: (protocol ?? "http") as BackendDemand["protocol"],
    ...(fallbacks.length > 0 && { fallbacks }),
  };
}
