import type { IrFilterChain, IrL4Route, IrPieces } from "@nuncio/gateway";
import { CLOSED, INVALID, sharesOf, type Chain, type Connections } from "./connections.ts";
import { backendNames, backendOf } from "./our-backends.ts";

/** What our pieces do with connections and datagrams. */
export function ourConnections({
  listeners,
  clusters,
}: Pick<IrPieces, "listeners" | "clusters">): Connections {
  const nameOf = backendNames(clusters);
  return new Map(
    Array.from(listeners.entries(), ([name, { filterChains, udp }]) => [
      name,
      udp === undefined
        ? filterChains.map((chain) => plainChain(chain, nameOf))
        : [udpChain(udp, nameOf)],
    ]),
  );
}

/** A filter chain of a listener. */
export function plainChain(
  { name, serverNames, tls, transportProtocol, handler }: IrFilterChain,
  nameOf = backendOf,
): Chain {
  if (handler.kind === "http")
    return { ...CLOSED, serverNames, to: tls === undefined ? "http" : `https ${name}` };
  const unended = transportProtocol === undefined ? "" : "passthrough ";
  return routed(handler.route, {
    serverNames,
    how: tls === undefined ? unended : "terminate ",
    nameOf,
  });
}

/** What is done with datagrams. */
export function udpChain(route: IrL4Route, nameOf = backendOf): Chain {
  return routed(route, { serverNames: [], how: "", nameOf });
}

interface Routed {
  readonly serverNames: readonly string[];
  readonly how: string;
  readonly nameOf: typeof backendOf;
}

function routed({ name, clusters }: IrL4Route, { serverNames, how, nameOf }: Routed): Chain {
  const closedBy = /^(.*)\/none$/.exec(name)?.[1];
  if (closedBy !== undefined) return { ...CLOSED, serverNames, to: `${CLOSED.to} by ${closedBy}` };
  const named = clusters.map(({ cluster, weight }) => ({
    to: cluster === null ? INVALID : nameOf(cluster),
    weight,
  }));
  return { serverNames, to: how + name.replace(/\/rule\/0$/, ""), ...sharesOf(named) };
}
