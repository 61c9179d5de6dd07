import { celMap } from "@bufbuild/cel";
import type { CelInput } from "@bufbuild/cel";
import type { Metadata } from "../../observe/stream-info.ts";
import type { AttributeTable } from "../lazy-map.ts";
import { messageMap } from "../message-map.ts";
import type { ExpressionNode } from "../model.ts";
import { fromByteString, textOrAbsent } from "./values.ts";

/** `envoy.config.core.v3.TrafficDirection`, as numbers. */
const DIRECTIONS = { unspecified: 0n, inbound: 1n, outbound: 2n } as const;

/** `xds.*`: names and metadata of what the configuration chose for the stream. */
export function xdsAttributes(node: ExpressionNode | null): AttributeTable {
  return {
    node: () =>
      node === null
        ? undefined
        : messageMap({ ...node, locality: messageMap({ ...node.locality }) }),
    cluster_name: ({ streamInfo }) => textOrAbsent(streamInfo.upstream.existingClusterName),
    cluster_metadata: ({ streamInfo }) =>
      streamInfo.upstream.existingClusterName === ""
        ? undefined
        : metadataMessage(streamInfo.upstream.clusterMetadata),
    route_name: ({ streamInfo: { routeName, routeMetadata } }) =>
      routeMetadata === undefined ? undefined : fromByteString(routeName),
    route_metadata: ({ streamInfo: { routeMetadata } }) =>
      routeMetadata === undefined ? undefined : metadataMessage(routeMetadata),
    // Every virtual host has a name, and a request without a route may have a virtual host.
    virtual_host_name: ({ streamInfo }) =>
      streamInfo.virtualHostName === "" ? undefined : fromByteString(streamInfo.virtualHostName),
    virtual_host_metadata: ({ streamInfo }) =>
      streamInfo.virtualHostName === ""
        ? undefined
        : metadataMessage(streamInfo.virtualHostMetadata),
    upstream_host_metadata: ({ streamInfo }) =>
      streamInfo.upstream.hostAddress === null
        ? undefined
        : orNull(streamInfo.upstream.hostMetadata),
    upstream_host_locality_metadata: ({ streamInfo }) =>
      streamInfo.upstream.hostAddress === null ? undefined : null,
    listener_direction: ({ streamInfo }) =>
      streamInfo.downstream?.listener &&
      DIRECTIONS[streamInfo.downstream.listener.trafficDirection],
    listener_metadata: ({ streamInfo }) =>
      streamInfo.downstream?.listener && metadataMessage(streamInfo.downstream.listener.metadata),
    filter_chain_name: ({ streamInfo }) =>
      streamInfo.downstream === null ? undefined : streamInfo.downstream.filterChainName,
  };
}

/** `envoy.config.core.v3.Metadata`. */
export function metadataMessage(metadata: Metadata | null): CelInput {
  return messageMap({
    filter_metadata: celMap(new Map(Object.entries(metadata ?? {})) as Map<string, CelInput>),
    typed_filter_metadata: celMap(new Map()),
  });
}

function orNull(metadata: Metadata | null): CelInput {
  return metadata === null ? null : metadataMessage(metadata);
}
