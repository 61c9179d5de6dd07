import type { Message } from "@bufbuild/protobuf";
import { toJson } from "@nuncio/api";
import { gatewayBootstrap } from "../infrastructure/bootstrap.ts";
import type { XdsAddress } from "../infrastructure/xds-address.ts";
import type { IrPieces } from "../ir/pieces.ts";
import type { ObjectKey } from "../resources/object.ts";
import { clusterMessage } from "../xds/cluster.ts";
import { endpointsMessage } from "../xds/endpoints.ts";
import { listenerMessage } from "../xds/listener.ts";
import { routeConfigMessage } from "../xds/route-config.ts";
import { secretMessage } from "../xds/secret.ts";
import { staticBootstrap } from "../xds/static-bootstrap.ts";
import { virtualHostMessage } from "../xds/virtual-host.ts";
import { of } from "./ir-tree.ts";

/** Types of resources. */
export const XDS_TREE_TYPES = [
  "bootstrap",
  "listener",
  "route",
  "cluster",
  "endpoint",
  "secret",
] as const;

type XdsTreeType = (typeof XDS_TREE_TYPES)[number];

interface XdsTreeOptions {
  readonly types: readonly XdsTreeType[];
  /** Private keys as they are. */
  readonly showSecrets: boolean;
  /** Where data planes find the control plane, for their bootstrap. */
  readonly xds: XdsAddress;
}

/** What the data planes of a gateway are given, as JSON: of the types asked for. */
export type XdsGatewayTree = { readonly bootstrap?: object } & {
  readonly [T in Exclude<XdsTreeType, "bootstrap">]?: readonly object[];
};

/** What the data planes of each gateway are given: by its key, and by type. Routes have the virtual hosts that come by VHDS. */
export function xdsTree(
  pieces: IrPieces,
  { types, showSecrets, xds }: XdsTreeOptions,
): Record<ObjectKey, XdsGatewayTree> {
  const json = (message: Message): object => toJson(message, { redact: !showSecrets }) as object;
  const gateways = [...pieces.infrastructure.entries()].map(([key]) => key).toSorted();
  const make: Record<XdsTreeType, (gateway: ObjectKey) => unknown> = {
    bootstrap: (gateway) => gatewayBootstrap(pieces.infrastructure.peek(gateway)!, xds),
    listener: (gateway) =>
      of(gateway, pieces.listeners).map((listener) => json(listenerMessage(listener))),
    route: (gateway) => routesOf(pieces, gateway).map(json),
    cluster: (gateway) => clustersOf(pieces, gateway).map(json),
    endpoint: (gateway) => endpointsOf(pieces, gateway).map(json),
    secret: (gateway) =>
      pieces.secrets
        .flatMap((cells) => of(gateway, cells))
        .map((secret) => json(secretMessage(secret))),
  };
  return Object.fromEntries(
    gateways.map((gateway) => [
      gateway,
      Object.fromEntries(types.map((type) => [type, make[type](gateway)])),
    ]),
  );
}

/** The static form of all gateways, or of one, as JSON. */
export function staticBootstrapJson(
  pieces: IrPieces,
  options: { readonly gateway?: ObjectKey | undefined; readonly showSecrets: boolean },
): object {
  const bootstrap = staticBootstrap(pieces, options.gateway);
  return toJson(bootstrap, { redact: !options.showSecrets }) as object;
}

function routesOf(pieces: IrPieces, gateway: ObjectKey): Message[] {
  const hosts = Map.groupBy(of(gateway, pieces.virtualHosts), ({ routeConfig }) => routeConfig);
  return of(gateway, pieces.routeConfigs).map(({ name }) =>
    routeConfigMessage(name, (hosts.get(name) ?? []).map(virtualHostMessage)),
  );
}

function clustersOf(pieces: IrPieces, gateway: ObjectKey): Message[] {
  return of(gateway, pieces.clusters).map((cluster) =>
    clusterMessage(
      cluster,
      cluster.discovery === "dns" ? pieces.endpoints.peek(cluster.name) : undefined,
    ),
  );
}

/** Those that are looked up by name stand in their cluster. */
function endpointsOf(pieces: IrPieces, gateway: ObjectKey): Message[] {
  return of(gateway, pieces.endpoints).flatMap((endpoints) => {
    const cluster = pieces.clusters.peek(endpoints.name);
    if (cluster?.discovery === "dns") return [];
    return [endpointsMessage(endpoints, cluster?.protocol === "udp" ? "udp" : "tcp")];
  });
}
