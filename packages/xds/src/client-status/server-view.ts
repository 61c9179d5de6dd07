import { create } from "@bufbuild/protobuf";
import { AnySchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { StreamInfo } from "../server/server.ts";
import { statusOfType, type ResourceStatus, type TypeStatus } from "../server/status.ts";
import type { Subscription } from "../server/subscription.ts";
import { typeUrlOf } from "../types/resource-type.ts";
import {
  clientStatusSchemas,
  ConfigStatus,
  type ClientConfig,
  type ClientStatusRequest,
  type ClientStatusResponse,
  type GenericXdsConfig,
} from "./client-status-messages.ts";
import { matchesNode } from "./node-matcher.ts";

/** A stream of a client as the server has it. */
export interface StreamOfClient {
  readonly info: StreamInfo;
  readonly subscriptions: readonly Subscription[];
}

const SECRET = typeUrlOf("SDS");

/**
 * What a server says of its clients to a request of CSDS, streams of the same node as one client. `offsetMs`: from the
 * server's clock to milliseconds since the epoch. Throws a NodeMatcherError.
 */
export function clientStatusOfServer(
  { nodeMatchers, excludeResourceContents }: ClientStatusRequest,
  streams: Iterable<StreamOfClient>,
  offsetMs: number,
): ClientStatusResponse {
  const { response } = clientStatusSchemas();
  const clients = new Map<string, ClientConfig>();
  for (const { info, subscriptions } of streams) {
    const { node } = info;
    if (node === undefined || !matchesNode(nodeMatchers, node)) continue;
    const client = clientOf(clients, node);
    for (const subscription of subscriptions)
      client.genericXdsConfigs.push(
        ...resourcesOf(subscription, offsetMs, !excludeResourceContents),
      );
  }
  return create(response, { config: [...clients.values()] });
}

function clientOf(clients: Map<string, ClientConfig>, node: Node): ClientConfig {
  const key = JSON.stringify([node.id, node.cluster]);
  let client = clients.get(key);
  if (client === undefined)
    clients.set(key, (client = create(clientStatusSchemas().config, { node })));
  return client;
}

function resourcesOf(
  subscription: Subscription,
  offsetMs: number,
  withContent: boolean,
): GenericXdsConfig[] {
  const type = statusOfType(subscription);
  const newest = subscription.table.set?.resources;
  return type.resources.map((resource) => {
    // The server keeps what is newest alone. Secrets are shown to nobody.
    const known = newest?.get(resource.name);
    const isShown = withContent && type.typeUrl !== SECRET && known?.version === resource.version;
    return create(clientStatusSchemas().resource, {
      ...factsOf(type, resource, offsetMs),
      ...(isShown &&
        known !== undefined && {
          xdsConfig: create(AnySchema, { typeUrl: type.typeUrl, value: known.value }),
        }),
    });
  });
}

function factsOf(
  { typeUrl, accepted }: TypeStatus,
  { name, version, state, refusal }: ResourceStatus,
  offsetMs: number,
): Partial<Omit<GenericXdsConfig, "$typeName" | "$unknown" | "xdsConfig">> & object {
  const at = (ms: number): ReturnType<typeof timestampFromMs> =>
    timestampFromMs(Math.round(offsetMs + ms));
  return {
    typeUrl,
    name,
    versionInfo: version ?? "",
    configStatus: STATUS[state],
    ...(state === "accepted" && accepted !== undefined && { lastUpdated: at(accepted.atMs) }),
    ...(refusal !== undefined && {
      errorState: {
        details: refusal.message,
        versionInfo: refusal.version,
        lastUpdateAttempt: at(refusal.atMs),
      } as never,
    }),
  };
}

const STATUS = {
  absent: ConfigStatus.NOT_SENT,
  sent: ConfigStatus.STALE,
  accepted: ConfigStatus.SYNCED,
  refused: ConfigStatus.ERROR,
} as const satisfies Record<ResourceStatus["state"], number>;
