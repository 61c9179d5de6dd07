import type { DescMethod, DescMethodBiDiStreaming, Message } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type {
  StreamConnection,
  StreamEvents,
  StreamTransport,
} from "../client/stream-transport.ts";
import { Http2Session, type Http2SessionOptions } from "./http2-session.ts";
import { RequestQueue } from "./request-queue.ts";

/** Where a control plane is, and how it is reached. */
export interface GrpcEndpoint extends Http2SessionOptions {
  /** `http://127.0.0.1:18000` (HTTP/2 in clear text), or `https://...`. */
  readonly url: string;
  /** Sent with each stream. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Larger messages end the stream; 4 GiB unless given. */
  readonly messageBytesMax?: number;
  /** While so many requests wait for a control plane that does not read, nothing of it is read either; 100 unless given. */
  readonly waitingRequestsMax?: number;
}

const WAITING_REQUESTS_MAX = 100;

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

class GrpcStream<
  Request extends Message,
  Response extends Message,
> implements StreamConnection<Request> {
  readonly #events: StreamEvents<Response>;
  readonly #requests = new RequestQueue<Request>();
  readonly #abort = new AbortController();
  readonly #session: Http2Session;

  constructor(
    endpoint: GrpcEndpoint,
    method: DescMethodBiDiStreaming,
    events: StreamEvents<Response>,
  ) {
    this.#events = events;
    const { url, messageBytesMax } = endpoint;
    this.#session = new Http2Session(url, endpoint);
    const transport = createGrpcTransport({
      baseUrl: this.#session.authority,
      sessionManager: this.#session,
      ...(messageBytesMax === undefined ? {} : { readMaxBytes: messageBytesMax }),
    });
    void this.#run(transport, method, endpoint);
  }

  send(request: Request): void {
    this.#requests.push(request);
  }

  close(): void {
    this.#abort.abort();
    this.#requests.end();
    this.#session.close();
  }

  /** Never rejects: whatever ends the stream is told as its end. */
  async #run(
    transport: Transport,
    method: DescMethodBiDiStreaming,
    { headers = [], waitingRequestsMax = WAITING_REQUESTS_MAX }: GrpcEndpoint,
  ): Promise<void> {
    let reason = "the control plane ended the stream";
    let isFailure = false;
    try {
      await this.#session.connected;
      if (this.#abort.signal.aborted) return;
      this.#events.onOpen();
      const { message } = await transport.stream(
        method,
        this.#abort.signal,
        undefined,
        headers.map(([name, value]): [string, string] => [name, value]),
        this.#requests,
      );
      for await (const response of message) {
        if (this.#abort.signal.aborted) return;
        this.#events.onMessage(response as Response);
        await this.#requests.room(waitingRequestsMax);
      }
    } catch (error) {
      reason = reasonOf(error);
      isFailure = true;
    }
    if (this.#abort.signal.aborted) return;
    this.close();
    this.#events.onClose(reason, isFailure);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof ConnectError) return `${Code[error.code]}: ${error.rawMessage}`;
  return error instanceof Error ? error.message : String(error);
}
