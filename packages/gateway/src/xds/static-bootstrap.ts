import type { Bootstrap } from "@nuncio/api/types/envoy/config/bootstrap/v3/bootstrap_pb";
import type { Cells } from "../incremental/cells.ts";
import type { IrPieces } from "../ir/pieces.ts";
import type { ObjectKey } from "../resources/object.ts";
import { clusterMessage } from "./cluster.ts";
import { listenerMessage } from "./listener.ts";
import { message } from "./message.ts";
import { routeConfigMessage } from "./route-config.ts";
import { secretMessage } from "./secret.ts";
import type { Inline } from "./sources.ts";
import { systemAuthorities } from "./system-authorities.ts";
import { virtualHostMessage } from "./virtual-host.ts";

/**
 * All that a data plane is given, in one file that needs no control plane: for `envoy --mode validate`, and for people.
 *
 * @param gateway all gateways unless given
 */
export function staticBootstrap(pieces: IrPieces, gateway?: ObjectKey): Bootstrap {
  const of = <P extends { readonly gateway: ObjectKey }>(cells: Cells<P>): P[] =>
    [...cells.values()].filter((piece) => gateway === undefined || piece.gateway === gateway);
  const hosts = Map.groupBy(of(pieces.virtualHosts), ({ routeConfig }) => routeConfig);
  const inline: Inline = {
    routes: (name) => routeConfigMessage(name, (hosts.get(name) ?? []).map(virtualHostMessage)),
    endpoints: (name) => pieces.endpoints.peek(name),
  };
  const clusters = of(pieces.clusters);
  const secrets = pieces.secrets.flatMap(of);
  if (clusters.some(({ tls }) => tls?.ca === "system")) secrets.push(systemAuthorities());
  return message<Bootstrap>("envoy.config.bootstrap.v3.Bootstrap", {
    staticResources: {
      listeners: of(pieces.listeners).map((listener) => listenerMessage(listener, inline)),
      clusters: clusters.map((cluster) =>
        clusterMessage(cluster, pieces.endpoints.peek(cluster.name), inline),
      ),
      secrets: secrets.map(secretMessage),
    },
  });
}
