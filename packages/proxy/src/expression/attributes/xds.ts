import { celMap } from "@bufbuild/cel";
import type { CelInput } from "@bufbuild/cel";
import type { Metadata, StreamInfo } from "../../observe/stream-info.ts";
import type { Attribute, AttributeTable } from "../lazy-map.ts";
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
    cluster_name: ({ streamInfo: { upstream } }) =>
      // Only a cluster that exists has the other name.
      upstream.clusterObservabilityName === "" ? undefined : textOrAbsent(upstream.clusterName),
    cluster_metadata: ({ streamInfo }) =>
      streamInfo.upstream.clusterObservabilityName === ""
        ? undefined
        : metadataMessage(streamInfo.upstream.clusterMetadata),
    route_name: routed(({ routeName }) => fromByteString(routeName)),
    route_metadata: routed(({ routeMetadata }) => metadataMessage(routeMetadata)),
    virtual_host_name: routed(({ virtualHostName }) => fromByteString(virtualHostName)),
    virtual_host_metadata: routed(({ virtualHostMetadata }) =>
      metadataMessage(virtualHostMetadata),
    ),
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

/** Absent without a route; every virtual host has a name. */
function routed(read: (streamInfo: StreamInfo) => CelInput): Attribute {
  return ({ streamInfo }) => (streamInfo.virtualHostName === "" ? undefined : read(streamInfo));
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
