import type { Cells } from "../incremental/cells.ts";
import type { IrCluster, IrEndpoints } from "../ir/cluster.ts";
import type { IrInfrastructure } from "../ir/infrastructure.ts";
import type { IrListener } from "../ir/listener.ts";
import type { IrPieces } from "../ir/pieces.ts";
import type { IrRouteConfig, IrVirtualHost } from "../ir/route.ts";
import type { IrSecret } from "../ir/secret.ts";
import type { ObjectKey } from "../resources/object.ts";

/** Stands for what is kept from sight, as in the config_dump of Envoy. */
const REDACTED = "[redacted]";

/** A piece, below its gateway. */
type Own<P> = Omit<P, "gateway">;

/** All pieces of a gateway. */
export interface IrGatewayTree {
  readonly infrastructure: Own<IrInfrastructure>;
  readonly listeners: readonly Own<IrListener>[];
  readonly routeConfigs: readonly (Own<IrRouteConfig> & {
    readonly virtualHosts: readonly Own<IrVirtualHost>[];
  })[];
  readonly clusters: readonly Own<IrCluster>[];
  readonly endpoints: readonly Own<IrEndpoints>[];
  readonly secrets: readonly Own<IrSecret>[];
}

/** The pieces of each gateway as plain data, by its key. */
export function irTree(
  pieces: IrPieces,
  options: { readonly showSecrets: boolean },
): Record<ObjectKey, IrGatewayTree> {
  const tree: Record<ObjectKey, IrGatewayTree> = {};
  for (const [gateway, infrastructure] of sorted(pieces.infrastructure)) {
    const hosts = Map.groupBy(of(gateway, pieces.virtualHosts), (host) => host.routeConfig);
    tree[gateway] = {
      infrastructure: own(infrastructure),
      listeners: of(gateway, pieces.listeners).map((piece) => own(piece)),
      routeConfigs: of(gateway, pieces.routeConfigs).map((config) => ({
        ...own(config),
        virtualHosts: (hosts.get(config.name) ?? []).map((host) => own(host)),
      })),
      clusters: of(gateway, pieces.clusters).map((piece) => own(piece)),
      endpoints: of(gateway, pieces.endpoints).map((piece) => own(piece)),
      secrets: pieces.secrets
        .flatMap((cells) => of(gateway, cells))
        .map((secret) => own(options.showSecrets ? secret : withoutKey(secret))),
    };
  }
  return tree;
}

/** The pieces of a gateway, by name. */
export function of<P extends { readonly gateway: ObjectKey }>(
  gateway: ObjectKey,
  cells: Cells<P>,
): P[] {
  return sorted(cells)
    .map(([, piece]) => piece)
    .filter((piece) => piece.gateway === gateway);
}

function sorted<P>(cells: Cells<P>): [string, P][] {
  return [...cells.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** The gateway is what the piece stands under. */
function own<P extends object>(piece: P): Own<P> {
  return { ...piece, gateway: undefined };
}

function withoutKey(secret: IrSecret): IrSecret {
  return secret.kind === "certificate" ? { ...secret, privateKey: REDACTED } : secret;
}
