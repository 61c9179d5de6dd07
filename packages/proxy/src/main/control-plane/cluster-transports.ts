import type { DescMethod, Message } from "@bufbuild/protobuf";
import {
  FileFollower,
  GrpcTransport,
  RestTransport,
  type ClientTransports,
  type GrpcEndpoint,
  type GrpcSource,
  type RestEndpoint,
  type RestSource,
  type StreamTransport,
} from "@nuncio/xds";

/** Where sources are reached now. Throw when that is nowhere. */
export interface EndpointsNow {
  grpc(source: GrpcSource): GrpcEndpoint;
  /** Without the path. */
  rest(source: RestSource): Omit<RestEndpoint, "requestTimeoutMs">;
}

/** Reaches control planes at the hosts of their clusters, looked up anew for each stream. */
export function clusterTransports(endpointsNow: EndpointsNow): ClientTransports {
  return {
    sotw: (source, method) => clusterStream(endpointsNow, source, method),
    delta: (source, method) => clusterStream(endpointsNow, source, method),
    rest: (source, path) => ({
      poll(request, onEnd) {
        const { requestTimeoutMs } = source;
        try {
          const endpoint = endpointsNow.rest(source);
          const url = new URL(path, endpoint.url).href;
          return new RestTransport({ ...endpoint, url, requestTimeoutMs }).poll(request, onEnd);
        } catch (error) {
          const reason = (error as Error).message;
          return { cancel: later(() => onEnd({ kind: "failed", reason })) };
        }
      },
    }),
    file: ({ path, watchedDirectory }) => new FileFollower(path, watchedDirectory),
  };
}

/** Streams of any method, to a host that is looked up anew for each. */
export function clusterStream<Request extends Message, Response extends Message>(
  endpointsNow: EndpointsNow,
  source: GrpcSource,
  method: DescMethod,
): StreamTransport<Request, Response> {
  return {
    connect(events) {
      try {
        const endpoint = withMetadata(endpointsNow.grpc(source), source);
        return new GrpcTransport<Request, Response>(endpoint, method).connect(events);
      } catch (error) {
        return { send() {}, close: later(() => events.onClose((error as Error).message, true)) };
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
