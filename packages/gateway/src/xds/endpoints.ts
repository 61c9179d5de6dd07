import type {
  LbEndpoint,
  LocalityLbEndpoints,
} from "@nuncio/api/types/envoy/config/endpoint/v3/endpoint_components_pb";
import type { ClusterLoadAssignment } from "@nuncio/api/types/envoy/config/endpoint/v3/endpoint_pb";
import type { IrEndpoint, IrEndpoints } from "../ir/cluster.ts";
import { message, type Init } from "./message.ts";

/** `HealthStatus` */
const DRAINING = 3;
/** `SocketAddress.Protocol` */
const UDP = 1;

/** Where a cluster is, by priority and zone. Each endpoint has the same share, wherever it is. */
export function endpointsMessage(
  { name, endpoints }: IrEndpoints,
  protocol: "tcp" | "udp",
): ClusterLoadAssignment {
  const localities = Map.groupBy(endpoints, ({ priority = 0, zone = "" }) => `${priority} ${zone}`);
  return message<ClusterLoadAssignment>("envoy.config.endpoint.v3.ClusterLoadAssignment", {
    clusterName: name,
    endpoints: [...withoutGaps(localities.values())].map(([priority, members]) =>
      locality(priority, members, protocol),
    ),
  });
}

/** Envoy wants priorities that count up from 0. */
function* withoutGaps(
  localities: Iterable<IrEndpoint[]>,
): Generator<readonly [priority: number, members: readonly IrEndpoint[]]> {
  const all = [...localities];
  const priorities = [...new Set(all.map(priorityOf))].toSorted((a, b) => a - b);
  for (const members of all) yield [priorities.indexOf(priorityOf(members)), members];
}

function priorityOf([first]: readonly IrEndpoint[]): number {
  return first?.priority ?? 0;
}

function locality(
  priority: number,
  members: readonly IrEndpoint[],
  protocol: "tcp" | "udp",
): Init<LocalityLbEndpoints> {
  const zone = members[0]?.zone;
  return {
    priority,
    ...(zone === undefined ? {} : { locality: { zone } }),
    lbEndpoints: members.map((endpoint) => lbEndpoint(endpoint, protocol)),
  };
}

function lbEndpoint(endpoint: IrEndpoint, protocol: "tcp" | "udp"): Init<LbEndpoint> {
  return {
    hostIdentifier: {
      case: "endpoint",
      value: { address: { address: addressOf(endpoint, protocol) } },
    },
    ...(endpoint.draining === undefined ? {} : { healthStatus: DRAINING }),
  };
}

function addressOf(
  { address, port }: IrEndpoint,
  protocol: "tcp" | "udp",
): { case: "pipe"; value: { path: string } } | SocketAddressCase {
  if (port === 0) return { case: "pipe", value: { path: address } };
  return {
    case: "socketAddress",
    value: {
      address,
      portSpecifier: { case: "portValue", value: port },
      ...(protocol === "udp" ? { protocol: UDP } : {}),
    },
  };
}

interface SocketAddressCase {
  case: "socketAddress";
  value: {
    address: string;
    portSpecifier: { case: "portValue"; value: number };
    protocol?: typeof UDP;
  };
}
