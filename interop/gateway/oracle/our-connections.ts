import type { IrFilterChain, IrL4Route, IrPieces } from "@nuncio/gateway";
import { CLOSED, sumOfWeights, type Chain, type Connections } from "./connections.ts";
import { backendOf } from "./our-routing.ts";

/** What our pieces do with connections and datagrams. */
export function ourConnections({ listeners }: Pick<IrPieces, "listeners">): Connections {
  return new Map(
    Array.from(listeners.entries(), ([name, { filterChains, udp }]) => [
      name,
      udp === undefined ? filterChains.map(plainChain) : [routed([], "", udp)],
    ]),
  );
}

/** A filter chain of a listener. */
export function plainChain({
  name,
  serverNames,
  tls,
  transportProtocol,
  handler,
}: IrFilterChain): Chain {
  if (handler.kind === "http")
    return { ...CLOSED, serverNames, to: tls === undefined ? "http" : `https ${name}` };
  if (tls !== undefined) return routed(serverNames, "terminate ", handler.route);
  return routed(serverNames, transportProtocol === undefined ? "" : "passthrough ", handler.route);
}

function routed(serverNames: readonly string[], how: string, { name, clusters }: IrL4Route): Chain {
  const closedBy = /^(.*)\/none$/.exec(name)?.[1];
  if (closedBy !== undefined) return { ...CLOSED, serverNames, to: `${CLOSED.to} by ${closedBy}` };
  const backends = clusters.flatMap(({ cluster, weight }) =>
    cluster === null ? [] : [[backendOf(cluster), weight] as const],
  );
  const missing = clusters.filter(({ cluster }) => cluster === null);
  return {
    serverNames,
    to: how + name.replace(/\/rule\/0$/, ""),
    backends: sumOfWeights(backends),
    missing: missing.reduce((sum, { weight }) => sum + weight, 0),
  };
}
