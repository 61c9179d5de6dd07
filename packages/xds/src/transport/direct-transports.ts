import type { GrpcSource, RestSource } from "../client/config-source.ts";
import type { ClientTransports } from "../client/connection.ts";
import { FileFollower } from "./file.ts";
import type { GrpcEndpoint } from "./grpc-client.ts";
import { GrpcTransport } from "./grpc-client.ts";
import { RestTransport } from "./rest-client.ts";

/** Finds the control plane behind the cluster or target that a source names. Throws when there is none. */
export type EndpointOf = (source: GrpcSource | RestSource) => GrpcEndpoint;

/** Reaches control planes by connections of their own: for programs that have no clusters. */
export function directTransports(endpointOf: EndpointOf): ClientTransports {
  const endpointOfService = (source: GrpcSource): GrpcEndpoint => {
    const endpoint = endpointOf(source);
    const metadata = source.service.initialMetadata.map(({ key, value }): [string, string] => [
      key,
      value,
    ]);
    return { ...endpoint, headers: [...(endpoint.headers ?? []), ...metadata] };
  };
  return {
    sotw: (source, method) => new GrpcTransport(endpointOfService(source), method),
    delta: (source, method) => new GrpcTransport(endpointOfService(source), method),
    rest: (source, path) =>
      new RestTransport({
        url: new URL(path, endpointOf(source).url).href,
        requestTimeoutMs: source.requestTimeoutMs,
      }),
    file: ({ path, watchedDirectory }) => new FileFollower(path, watchedDirectory),
  };
}
