import { isDeepStrictEqual } from "node:util";
import type { UpstreamTlsConfig } from "../../transport/tls/model.ts";
import type { ClusterDefinition } from "../definition.ts";
import type { ClusterConfig, ConnectionsOnUpdate } from "../model.ts";

/** Whether two definitions say the same. Their statistics do not count. */
export function isSameDefinition(a: ClusterDefinition, b: ClusterDefinition): boolean {
  return (
    a.waitForWarmOnInit === b.waitForWarmOnInit &&
    hasSameHosts(a, b) &&
    isDeepStrictEqual(a.config, b.config)
  );
}

/** Whether what finds the hosts of one finds those of the other, and counts in the same place. */
export function hasSameHosts(a: ClusterDefinition, b: ClusterDefinition): boolean {
  return (
    hasSamePlace(a.config, b.config) &&
    isDeepStrictEqual(a.discovery, b.discovery) &&
    isDeepStrictEqual(a.loadAssignment, b.loadAssignment)
  );
}

/** Whether the statistics stay where they are: `alt_stat_name` may have changed. */
export function hasSamePlace(a: ClusterConfig, b: ClusterConfig): boolean {
  return a.scope.base === b.scope.base && a.observabilityName === b.observabilityName;
}

/** What becomes of connections, where the place stays. */
export function connectionsOnUpdate(
  before: ClusterConfig,
  after: ClusterConfig,
): Exclude<ConnectionsOnUpdate, "replace"> {
  return isDeepStrictEqual(connectionSettings(before), connectionSettings(after))
    ? "keep"
    : "drain";
}

/** What a connection is made with and keeps; the rest is looked at anew for each request or connection. */
function connectionSettings(config: ClusterConfig): object {
  const { perConnectionBufferLimitBytes, tcpKeepalive, sourceAddress, transportSockets } = config;
  const {
    pool: _pool,
    idleTimeoutMs: _idleTimeoutMs,
    maxStreamDurationMs: _maxStreamDurationMs,
    maxRequestsPerConnection: _maxRequestsPerConnection,
    mirrorPolicies: _mirrorPolicies,
    hashPolicies: _hashPolicies,
    retryPolicy: _retryPolicy,
    ...http
  } = config.http;
  return { perConnectionBufferLimitBytes, tcpKeepalive, sourceAddress, transportSockets, http };
}

/**
 * The configuration with the TLS contexts of the one before, where they say the same: a context that is compiled again is
 * another one by its id alone.
 */
export function withKnownContexts(after: ClusterConfig, before: ClusterConfig): ClusterConfig {
  const { transportSockets } = after;
  const known = before.transportSockets;
  if (transportSockets === null || known === null) return after;
  const matches = transportSockets.matches.map((match) => {
    const same = known.matches.find(({ name }) => name === match.name);
    return same === undefined
      ? match
      : { ...match, socket: knownContext(match.socket, same.socket) };
  });
  const otherwise = knownContext(transportSockets.otherwise, known.otherwise);
  return { ...after, transportSockets: { matches, otherwise } };
}

function knownContext(
  after: UpstreamTlsConfig | null,
  before: UpstreamTlsConfig | null,
): UpstreamTlsConfig | null {
  if (after === null || before === null) return after;
  const { id, version } = before;
  return isDeepStrictEqual({ ...after, id, version }, before) ? before : after;
}
