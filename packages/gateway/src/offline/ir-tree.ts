import type { Cells } from "../incremental/cells.ts";
import type { IrPieces } from "../ir/pieces.ts";
import type { IrSecret } from "../ir/secret.ts";
import type { ObjectKey } from "../resources/object.ts";

/** Stands for what is kept from sight, as in the config_dump of Envoy. */
const REDACTED = "[redacted]";

/** The pieces of each gateway as plain data, by its key. */
export function irTree(
  pieces: IrPieces,
  options: { readonly showSecrets: boolean },
): Record<ObjectKey, object> {
  const tree: Record<ObjectKey, object> = {};
  for (const [gateway, infrastructure] of sorted(pieces.infrastructure)) {
    const hosts = Map.groupBy(of(gateway, pieces.virtualHosts), (host) => host.routeConfig);
    tree[gateway] = {
      infrastructure: own(infrastructure),
      listeners: of(gateway, pieces.listeners).map(own),
      routeConfigs: of(gateway, pieces.routeConfigs).map((config) => ({
        ...own(config),
        virtualHosts: (hosts.get(config.name) ?? []).map(own),
      })),
      clusters: of(gateway, pieces.clusters).map(own),
      endpoints: of(gateway, pieces.endpoints).map(own),
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
function own(piece: object): object {
  return { ...piece, gateway: undefined };
}

function withoutKey(secret: IrSecret): IrSecret {
  return secret.kind === "certificate" ? { ...secret, privateKey: REDACTED } : secret;
}
