import type { DescMethod } from "@bufbuild/protobuf";
import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { Clock } from "../types/clock.ts";
import type {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  DiscoveryRequest,
  DiscoveryResponse,
} from "../types/discovery-messages.ts";
import { shortNameOfUrl } from "../types/resource-type.ts";
import type { FileSource, GrpcSource, RestSource } from "./config-source.ts";
import { ConfigSourceError } from "./config-source.ts";
import { DeltaSession } from "./delta-session.ts";
import { aggregatedMethod, restPath, streamMethod } from "./discovery-method.ts";
import { DiscoveryStream } from "./discovery-stream.ts";
import type { FileTransport } from "./file-subscription.ts";
import { FileSubscription } from "./file-subscription.ts";
import type { PollTransport } from "./rest-subscription.ts";
import { RestSubscription } from "./rest-subscription.ts";
import { SotwSession } from "./sotw-session.ts";
import type { ControlPlaneStats, StreamStatus } from "./stream-status.ts";
import type { StreamTransport } from "./stream-transport.ts";
import type { TypeSubscription } from "./type-subscription.ts";

/** How control planes and files are reached: a proxy goes through its clusters, others connect directly. */
export interface ClientTransports {
  sotw(
    source: GrpcSource,
    method: DescMethod,
  ): StreamTransport<DiscoveryRequest, DiscoveryResponse>;
  delta(
    source: GrpcSource,
    method: DescMethod,
  ): StreamTransport<DeltaDiscoveryRequest, DeltaDiscoveryResponse>;
  /** @param path `/v3/discovery:clusters` */
  rest(source: RestSource, path: string): PollTransport;
  file(source: FileSource): FileTransport;
}

/** Where one or all types come from. */
export interface Connection {
  subscription(typeUrl: string): TypeSubscription;
  subscriptions(): readonly TypeSubscription[];
  /** Holds the requests of some types back until the returned function is called. */
  pause(typeUrls: readonly string[]): () => void;
  status(): StreamStatus;
  /** Ends all watches. */
  close(): void;
}

/** What all connections of a client have in common. */
export interface ConnectOptions {
  readonly node: Node;
  readonly transports: ClientTransports;
  readonly clock: Clock;
  /** 0 up to 1 */
  readonly random: () => number;
  readonly stats: ControlPlaneStats | undefined;
}

/** Makes the connection to a source; nothing is opened before something is wanted. Throws a ConfigSourceError. */
export function connect(
  source: GrpcSource | RestSource | FileSource,
  typeUrl: string,
  options: ConnectOptions,
): Connection {
  switch (source.kind) {
    case "grpc":
      return connectStream(source, typeUrl, options);
    case "rest":
      return connectRest(source, typeUrl, options);
    case "file": {
      const transport = options.transports.file(source);
      const { clock } = options;
      return single(new FileSubscription({ typeUrl, path: source.path, transport, clock }));
    }
  }
}

function connectStream(source: GrpcSource, typeUrl: string, options: ConnectOptions): Connection {
  const method = source.isAggregated
    ? aggregatedMethod(source.isDelta)
    : streamMethod(typeUrl, source.isDelta);
  if (method === undefined) {
    const protocol = source.isDelta ? "the delta protocol" : "the state-of-the-world protocol";
    throw new ConfigSourceError(`${shortNameOfUrl(typeUrl)} has no stream of ${protocol}`);
  }
  const { transports, ...common } = options;
  const { setNodeOnFirstMessageOnly, backOff, requestLimit } = source;
  const settings = { ...common, setNodeOnFirstMessageOnly, backOff, requestLimit };
  return source.isDelta
    ? new DiscoveryStream({
        ...settings,
        transport: transports.delta(source, method),
        newSession: (subscription) => new DeltaSession(subscription),
      })
    : new DiscoveryStream({
        ...settings,
        transport: transports.sotw(source, method),
        newSession: (subscription) => new SotwSession(subscription),
      });
}

function connectRest(source: RestSource, typeUrl: string, options: ConnectOptions): Connection {
  const path = restPath(typeUrl);
  if (path === undefined)
    throw new ConfigSourceError(`${shortNameOfUrl(typeUrl)} cannot be had by REST`);
  const { transports, ...common } = options;
  const { refreshDelayMs } = source;
  const transport = transports.rest(source, path);
  return single(new RestSubscription({ ...common, refreshDelayMs, typeUrl, transport }));
}

function single(one: RestSubscription | FileSubscription): Connection {
  return {
    subscription: () => one.subscription,
    subscriptions: () => [one.subscription],
    // A poll waits anyway, and nobody asks a file.
    pause: () => () => {},
    status: () => one.status(),
    close: () => one.close(),
  };
}
