import type { Address, UpstreamInfo } from "../../stream-info.ts";
import { numberCommand, textCommand } from "../command.ts";
import type { CommandDefinition, CommandTable } from "../command.ts";

/** Routing, the chosen cluster and host, and the attempts to reach one. */
export const upstreamCommands: CommandTable = {
  /** How often a route was chosen: again after a filter changed the request. */
  ROUTE_RESOLUTION_COUNT: numberCommand(({ streamInfo }) => streamInfo.routeResolutionCount),
  ROUTE_RESOLUTION_TIME_US: numberCommand(({ streamInfo }) => streamInfo.routeResolutionUs),
  UPSTREAM_LOCAL_CLOSE_REASON: textCommand(
    ({ streamInfo }) => streamInfo.upstream.localCloseReason || null,
  ),
  // The connection of an HTTP request outlives it in most cases, so as in Envoy it has not ended.
  UPSTREAM_DETECTED_CLOSE_TYPE: textCommand(
    ({ streamInfo: { upstream } }) =>
      upstream.closeType || (upstream.hostAddress === null ? null : "Normal"),
  ),
  ROUTE_NAME: textCommand(({ streamInfo }) => streamInfo.routeName || null),
  VIRTUAL_CLUSTER_NAME: textCommand(({ streamInfo }) => streamInfo.virtualClusterName || null),
  UPSTREAM_CLUSTER: textCommand(
    ({ streamInfo }) => streamInfo.upstream.clusterObservabilityName || null,
  ),
  UPSTREAM_CLUSTER_RAW: textCommand(
    ({ streamInfo }) => streamInfo.upstream.existingClusterName || null,
  ),
  UPSTREAM_HOST: textCommand(({ streamInfo }) => streamInfo.upstream.hostAddress?.text ?? null),
  UPSTREAM_HOST_NAME: textCommand(({ streamInfo }) => {
    const { hostAddress } = streamInfo.upstream;
    return hostAddress === null ? null : streamInfo.upstream.hostName || hostAddress.text;
  }),
  UPSTREAM_HOST_NAME_WITHOUT_PORT: textCommand(({ streamInfo }) => {
    const { hostAddress } = streamInfo.upstream;
    return hostAddress === null
      ? null
      : withoutPort(streamInfo.upstream.hostName) || hostAddress.ip;
  }),
  UPSTREAM_HOSTS_ATTEMPTED: attempted((address) => address.text),
  UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT: attempted((address) => address.ip),
  UPSTREAM_HOST_NAMES_ATTEMPTED: attempted((address, { hostName }) => hostName || address.text),
  UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT: attempted(
    (address, { hostName }) => withoutPort(hostName) || address.ip,
  ),
  UPSTREAM_CONNECTION_IDS_ATTEMPTED: attempted((_address, { connectionId }) =>
    String(connectionId),
  ),
  UPSTREAM_REQUEST_ATTEMPT_COUNT: numberCommand(
    ({ streamInfo }) => streamInfo.upstream.attemptCount,
  ),
  UPSTREAM_PROTOCOL: textCommand(({ streamInfo }) => streamInfo.upstream.protocol || null),
  UPSTREAM_TRANSPORT_FAILURE_REASON: textCommand(
    // As in Envoy without spaces, so that a text log's columns stay columns.
    ({ streamInfo }) => streamInfo.upstream.transportFailureReason.replaceAll(" ", "_") || null,
  ),
};

/** The attempt that got a connection: as in Envoy the last one alone, whatever came before. */
function attempted(
  read: (hostAddress: Address, upstream: UpstreamInfo) => string,
): CommandDefinition {
  return textCommand(({ streamInfo: { upstream } }) => {
    const { hostAddress, localAddress } = upstream;
    return hostAddress === null || localAddress === null ? null : read(hostAddress, upstream);
  });
}

function withoutPort(hostName: string): string {
  const colon = hostName.lastIndexOf(":");
  return colon < 0 || hostName.endsWith("]") ? hostName : hostName.slice(0, colon);
}
