import type { DescMethod, DescMethodBiDiStreaming, Message } from "@bufbuild/protobuf";
import type {
  StreamConnection,
  StreamEvents,
  StreamTransport,
} from "../client/stream-transport.ts";
import { GrpcStream } from "./grpc-stream.ts";
import type { Http2ExchangeOptions } from "./http2-exchange.ts";

/** Where a control plane is, and how it is reached. */
export interface GrpcEndpoint extends Http2ExchangeOptions {
  /** `http://127.0.0.1:18000` (HTTP/2 in clear text), or `https://...`. */
  readonly url: string;
  /** Sent with each stream. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Larger messages end the stream; 4 GiB unless given. */
  readonly messageBytesMax?: number;
  /** While so many requests wait for a control plane that does not read, no response of it is read either; 100 unless given. */
  readonly waitingRequestsMax?: number;
  /**
   * Asked whenever messages were taken: for so many milliseconds nothing more is read, so that messages that come meanwhile are
   * taken together, which is cheaper; 0, as when it is not given: what comes is taken at once. A request ends the rest.
   */
  readonly restMs?: () => number;
}

/** Streams of one method to one control plane, each on a connection of its own. */
export class GrpcTransport<
  Request extends Message,
  Response extends Message,
> implements StreamTransport<Request, Response> {
  readonly #endpoint: GrpcEndpoint;
  readonly #method: DescMethodBiDiStreaming;

  constructor(endpoint: GrpcEndpoint, method: DescMethod) {
    if (method.methodKind !== "bidi_streaming")
      throw new Error(`${method.name}: expected a stream both ways, got ${method.methodKind}`);
    this.#endpoint = endpoint;
    this.#method = method as DescMethodBiDiStreaming;
  }

  connect(events: StreamEvents<Response>): StreamConnection<Request> {
    return new GrpcStream(this.#endpoint, this.#method, events);
  }
}
