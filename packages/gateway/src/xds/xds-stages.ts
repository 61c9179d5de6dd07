import type { Message } from "@bufbuild/protobuf";
import { versionedResource, type VersionedResource } from "@nuncio/xds";
import type { Cells } from "../incremental/cells.ts";
import { Stage, type Read } from "../incremental/stage.ts";
import type { IrPieces } from "../ir/pieces.ts";
import type { ObjectKey } from "../resources/object.ts";
import { clusterMessage } from "./cluster.ts";
import { endpointsMessage } from "./endpoints.ts";
import { listenerMessage } from "./listener.ts";
import { routeConfigMessage } from "./route-config.ts";
import { secretMessage } from "./secret.ts";
import { VirtualHostResources } from "./virtual-host-resources.ts";

/** A resource of xDS, and whose it is. */
export interface GatewayResource {
  readonly gateway: ObjectKey;
  readonly resource: VersionedResource;
}

/** What makes a resource of each piece: a change of a piece is a change of one resource. */
export function xdsStages(pieces: IrPieces): Stage<GatewayResource>[] {
  const make = <P extends { readonly gateway: ObjectKey }>(
    name: string,
    sources: readonly Cells<P>[],
    toResource: (piece: P, read: Read) => Message | VersionedResource | undefined,
  ): Stage<GatewayResource> => {
    const stage = new Stage<GatewayResource>({
      name: `xds ${name}`,
      compute(key, read) {
        const piece = firstOf(sources, key, read);
        const made = piece && toResource(piece, read);
        if (made === undefined) return undefined;
        const resource = "$typeName" in made ? versionedResource(made) : made;
        return { gateway: piece!.gateway, resource };
      },
    });
    for (const source of sources) stage.forEach(source);
    return stage;
  };
  const virtualHosts = new VirtualHostResources(pieces.virtualHosts);
  return [
    make("secrets", pieces.secrets, secretMessage),
    make("endpoints", [pieces.endpoints], (endpoints, read) => {
      const cluster = read.one(pieces.clusters, endpoints.name);
      // Those that are looked up by name stand in their cluster.
      if (cluster?.discovery === "dns") return undefined;
      return endpointsMessage(endpoints, cluster?.protocol === "udp" ? "udp" : "tcp");
    }),
    make("clusters", [pieces.clusters], (cluster, read) => {
      const isInline = cluster.discovery === "dns";
      return clusterMessage(
        cluster,
        isInline ? read.one(pieces.endpoints, cluster.name) : undefined,
      );
    }),
    make("virtual hosts", [pieces.virtualHosts], (host) => virtualHosts.of(host)),
    make("route configs", [pieces.routeConfigs], ({ name }) => routeConfigMessage(name)),
    make("listeners", [pieces.listeners], (listener) => listenerMessage(listener)),
  ];
}

function firstOf<P>(sources: readonly Cells<P>[], key: string, read: Read): P | undefined {
  for (const source of sources) {
    const piece = read.one(source, key);
    if (piece !== undefined) return piece;
  }
  return undefined;
}
