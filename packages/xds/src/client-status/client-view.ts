import { create } from "@bufbuild/protobuf";
import { AnySchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { WatchedResource, XdsClientStatus } from "../client/client-status.ts";
import {
  ClientResourceStatus,
  clientStatusSchemas,
  type ClientStatusRequest,
  type ClientStatusResponse,
  type GenericXdsConfig,
} from "./client-status-messages.ts";
import { matchesNode } from "./node-matcher.ts";

/**
 * What a client says of itself to a request of CSDS. `wallMs`: milliseconds since the epoch at the moment of the status.
 * Throws a NodeMatcherError.
 */
export function clientStatusOfClient(
  { nodeMatchers, excludeResourceContents }: ClientStatusRequest,
  { sources, nowMs }: XdsClientStatus,
  node: Node,
  wallMs: number,
): ClientStatusResponse {
  const { response, config } = clientStatusSchemas();
  if (!matchesNode(nodeMatchers, node)) return create(response);
  const offsetMs = wallMs - nowMs;
  const genericXdsConfigs = sources.flatMap(({ types }) =>
    types.flatMap(({ typeUrl, resources }) =>
      resources.map((one) => resourceOf(typeUrl, one, offsetMs, !excludeResourceContents)),
    ),
  );
  return create(response, { config: [create(config, { node, genericXdsConfigs })] });
}

function resourceOf(
  typeUrl: string,
  resource: WatchedResource,
  offsetMs: number,
  withContent: boolean,
): GenericXdsConfig {
  const { name, version, content, acceptedAtMs, error } = resource;
  const at = (ms: number): ReturnType<typeof timestampFromMs> =>
    timestampFromMs(Math.round(offsetMs + ms));
  return create(clientStatusSchemas().resource, {
    typeUrl,
    name,
    versionInfo: version ?? "",
    clientStatus: ClientResourceStatus[resource.state],
    ...(withContent &&
      content !== null && { xdsConfig: create(AnySchema, { typeUrl, value: content }) }),
    ...(acceptedAtMs !== null && { lastUpdated: at(acceptedAtMs) }),
    ...(error !== null && {
      errorState: {
        details: error.message,
        versionInfo: error.version,
        lastUpdateAttempt: at(error.atMs),
      },
    }),
  });
}
