import type { Cells } from "../../incremental/cells.ts";
import { Stage, type Read } from "../../incremental/stage.ts";
import type { IrCluster, IrUpstreamTls } from "../../ir/cluster.ts";
import type { ResourceStore } from "../../resources/store.ts";
import type { BackendDemand } from "../translated-route.ts";
import { hasNames } from "./backend-endpoints.ts";
import { fallbackBackends, resolveBackend, type ResolvedBackend } from "./resolve.ts";
import { httpProtocol } from "./service-ports.ts";

interface ClusterInputs {
  readonly store: ResourceStore;
  readonly demands: Cells<BackendDemand>;
  /** TLS towards a backend; none: in the clear; null: it cannot be as it is to be, so nobody is connected. */
  readonly tlsOf: (
    read: Read,
    demand: BackendDemand,
    backend: ResolvedBackend,
  ) => Omit<IrUpstreamTls, "alpn"> | undefined | null;
}

/** By name: one for each backend of a Gateway and way to speak to it. */
export function irClusters({ store, demands, tlsOf }: ClusterInputs): Stage<IrCluster> {
  return new Stage<IrCluster>({
    name: "clusters",
    compute: (name, read) => {
      const demand = read.one(demands, name);
      const backend = demand && resolveBackend(read, store, demand);
      if (demand === undefined || backend === undefined) return undefined;
      const protocol = protocolOf(demand, backend);
      const tls = tlsOf(read, demand, backend);
      if (tls === null || protocol === undefined) return undefined;
      const { gateway, group, kind, namespace } = demand;
      const all = [
        ...(backend.kind === "Backend" ? [backend.backend] : []),
        ...fallbackBackends(read, store, demand),
      ];
      return {
        name,
        gateway,
        backend: { group, kind, namespace, name: demand.name },
        protocol,
        discovery: all.some(hasNames) ? "dns" : "endpoints",
        ...(tls !== undefined && { tls: { ...tls, alpn: ALPN[protocol] ?? [] } }),
      };
    },
  }).forEach(demands);
}

/** What is offered in TLS (RFC 7301). */
const ALPN: Readonly<Record<string, readonly string[]>> = { http1: ["http/1.1"], http2: ["h2"] };

/** Undefined: it cannot be spoken to, and the routes say so. */
function protocolOf(
  demand: BackendDemand,
  backend: ResolvedBackend,
): IrCluster["protocol"] | undefined {
  if (demand.protocol === "udp") return "udp";
  if (demand.protocol === "tcp" || demand.protocol === "tls") return "tcp";
  if (backend.kind === "Backend")
    return httpProtocol(demand, backend.backend.spec.appProtocols ?? []);
  const { appProtocol } = backend.port;
  return httpProtocol(demand, appProtocol === undefined ? [] : [appProtocol]);
}
