import {
  FileFollower,
  GrpcTransport,
  RestTransport,
  type ClientTransports,
  type GrpcEndpoint,
  type GrpcSource,
  type RestSource,
  type StreamTransport,
} from "@nuncio/xds";

/** Where sources are reached now. Throw when that is nowhere. */
export interface EndpointsNow {
  grpc(source: GrpcSource): GrpcEndpoint;
  /** The URL of the host. */
  rest(source: RestSource): string;
}

/** Reaches control planes at the hosts of their clusters, looked up anew for each stream. */
export function clusterTransports(endpointsNow: EndpointsNow): ClientTransports {
  return {
    sotw: (source, method) =>
      lookedUp(() => new GrpcTransport(withMetadata(endpointsNow.grpc(source), source), method)),
    delta: (source, method) =>
      lookedUp(() => new GrpcTransport(withMetadata(endpointsNow.grpc(source), source), method)),
    rest: (source, path) => ({
      poll(request, onEnd) {
        const { requestTimeoutMs } = source;
        try {
          const url = new URL(path, endpointsNow.rest(source)).href;
          return new RestTransport({ url, requestTimeoutMs }).poll(request, onEnd);
        } catch (error) {
          const reason = (error as Error).message;
          return { cancel: later(() => onEnd({ kind: "failed", reason })) };
        }
      },
    }),
    file: ({ path, watchedDirectory }) => new FileFollower(path, watchedDirectory),
  };
}

function lookedUp<Request, Response>(
  transportNow: () => StreamTransport<Request, Response>,
): StreamTransport<Request, Response> {
  return {
    connect(events) {
      try {
        return transportNow().connect(events);
      } catch (error) {
        return { send() {}, close: later(() => events.onClose((error as Error).message)) };
      }
    },
  };
}

/** Calls in a turn of its own; the returned function prevents it. */
function later(call: () => void): () => void {
  const immediate = setImmediate(call);
  return () => clearImmediate(immediate);
}

function withMetadata(endpoint: GrpcEndpoint, { service }: GrpcSource): GrpcEndpoint {
  const metadata = service.initialMetadata.map(({ key, value }): [string, string] => [key, value]);
  return { ...endpoint, headers: [...(endpoint.headers ?? []), ...metadata] };
}
