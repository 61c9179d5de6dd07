import type {
  Cluster,
  Cluster_TransportSocketMatch as MatchMessage,
} from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import type { CompileContext } from "../../config/context.ts";
import { TRANSPORT_SOCKET_MATCH_STATS } from "../../observe/stats/tables/transport-socket-match.ts";
import { compileUpstreamTransportSocket } from "../../transport/tls/config/transport-sockets.ts";
import type { TransportSocketMatchConfig, TransportSocketsConfig } from "../model.ts";

/** `transport_socket` and `transport_socket_matches`; null when all hosts are reached over plain sockets. */
export function compileTransportSockets(
  cluster: Cluster,
  statPrefix: string,
  ctx: CompileContext,
): TransportSocketsConfig | null {
  const matches = cluster.transportSocketMatches.map((match) =>
    compileMatch(match, statPrefix, ctx),
  );
  const otherwise = compileUpstreamTransportSocket(cluster.transportSocket, statPrefix, ctx);
  return otherwise === null && matches.length === 0 ? null : { matches, otherwise };
}

function compileMatch(
  message: MatchMessage,
  statPrefix: string,
  ctx: CompileContext,
): TransportSocketMatchConfig {
  if (message.transportSocket === undefined) {
    const text = "Didn't find a registered implementation for '' with type URL: ''";
    ctx.problems.error(message, "transport_socket", text);
  }
  const prefix = `${statPrefix}${message.name}.`;
  return {
    name: message.name,
    criteria: message.match ?? {},
    socket: compileUpstreamTransportSocket(message.transportSocket, statPrefix, ctx),
    scope: ctx.stats.scope(prefix, TRANSPORT_SOCKET_MATCH_STATS),
  };
}
