import { isDeepStrictEqual } from "node:util";
import type { Metadata } from "../observe/stream-info.ts";
import type { TransportSocketMatchConfig, TransportSocketsConfig } from "./model.ts";

/** Where a host says which transport socket it wants. */
const FILTER = "envoy.transport_socket_match";

/**
 * The first entry whose criteria the host's metadata has, all of them; null for the cluster's own socket. Entries
 * without criteria fit every host.
 */
export function findTransportSocketMatch(
  { matches }: TransportSocketsConfig,
  metadata: Metadata | null,
): TransportSocketMatchConfig | null {
  const labels = metadata?.[FILTER] as Readonly<Record<string, unknown>> | undefined;
  return (
    matches.find(({ criteria }) =>
      Object.entries(criteria).every(
        ([name, value]) => labels !== undefined && isDeepStrictEqual(labels[name], value),
      ),
    ) ?? null
  );
}
