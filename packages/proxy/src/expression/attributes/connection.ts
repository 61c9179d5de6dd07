import type { FormatContext, UpstreamInfo } from "../../observe/stream-info.ts";
import type { Attribute, AttributeTable } from "../lazy-map.ts";
import { messageMap } from "../message-map.ts";
import { addressPort, addressText, durationOf, fromByteString, textOrAbsent } from "./values.ts";

/** `connection.*` of the downstream connection. What only TLS has is absent on plaintext. */
export const connectionAttributes: AttributeTable = {
  id: ({ streamInfo }) =>
    streamInfo.downstream === null ? undefined : BigInt(streamInfo.downstream.connectionId),
  mtls: () => false,
  requested_server_name: () => "",
  termination_details: ({ streamInfo }) => textOrAbsent(streamInfo.connectionTerminationDetails),
};

/** `source.*`: the client as the stream sees it. */
export const sourceAttributes: AttributeTable = {
  address: (context) => addressText(remoteAddress(context)),
  port: (context) => addressPort(remoteAddress(context)),
};

/** `destination.*`: where the client connected to. */
export const destinationAttributes: AttributeTable = {
  address: ({ streamInfo }) => addressText(streamInfo.downstream?.localAddress),
  port: ({ streamInfo }) => addressPort(streamInfo.downstream?.localAddress),
};

/** `upstream.*`; most are absent until a host was chosen. */
export const upstreamAttributes: AttributeTable = {
  address: upstream(({ hostAddress }) => addressText(hostAddress)),
  port: upstream(({ hostAddress }) => addressPort(hostAddress)),
  local_address: upstream(({ localAddress }) => addressText(localAddress)),
  transport_failure_reason: upstream(({ transportFailureReason }) =>
    fromByteString(transportFailureReason),
  ),
  request_attempt_count: ({ streamInfo }) => BigInt(streamInfo.upstream.attemptCount),
  cx_pool_ready_duration: upstream(({ poolReadyDurationMs }) => durationOf(poolReadyDurationMs)),
  locality: upstream(({ locality }) =>
    locality === null
      ? undefined
      : messageMap({
          region: locality.region,
          zone: locality.zone,
          sub_zone: locality.subZone,
        }),
  ),
  num_endpoints: upstream(({ cluster }) =>
    cluster === null ? undefined : BigInt(cluster.hostCount),
  ),
};

function upstream(read: (info: UpstreamInfo) => ReturnType<Attribute>): Attribute {
  return ({ streamInfo }) =>
    streamInfo.upstream.hostAddress === null ? undefined : read(streamInfo.upstream);
}

function remoteAddress({ streamInfo }: FormatContext) {
  return streamInfo.remoteAddress ?? streamInfo.downstream?.directRemoteAddress;
}
