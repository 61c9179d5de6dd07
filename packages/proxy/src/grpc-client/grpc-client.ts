import { HeaderMap } from "@nuncio/codec";
import type { AsyncClient } from "../http/async-client/async-client.ts";
import type { AsyncStreamOptions } from "../http/async-client/async-stream.ts";
import { setGrpcTimeout } from "../http/grpc-timeout.ts";
import {
  applyAddition,
  buildAddition,
  type BuiltAddition,
} from "../http/header-mutations/header-mutations.ts";
import type { RetryPolicyConfig } from "../http/retry/model.ts";
import type { FormatContext } from "../observe/stream-info.ts";
import type { GrpcCallCallbacks, GrpcStreamCallbacks } from "./callbacks.ts";
import { GrpcCall } from "./grpc-call.ts";
import { GrpcStream } from "./grpc-stream.ts";
import type { GrpcServiceConfig } from "./model.ts";

/** How one call differs. */
export interface GrpcCallOptions {
  /** From the last message that is sent to the end of the call, in milliseconds; 0: no limit. Told to the server. */
  readonly timeoutMs?: number;
  /** The request for whose sake it is called: values of `initial_metadata` are filled in from it. */
  readonly context?: FormatContext;
  /** In the place of that of the service. */
  readonly retry?: RetryPolicyConfig | null;
}

const NO_OPTIONS: GrpcCallOptions = {};

/**
 * Calls one gRPC service from a worker, over the connections of its cluster (Envoy's `Grpc::AsyncClient`). Cheap to make: it has
 * no connection of its own, and nothing to be closed. Methods are paths: `/package.Service/Method`.
 */
export class GrpcClient {
  readonly config: GrpcServiceConfig;
  readonly #http: AsyncClient;
  readonly #metadata: readonly BuiltAddition[];

  constructor(config: GrpcServiceConfig, http: AsyncClient) {
    this.config = config;
    this.#http = http;
    const { worker } = http.services;
    this.#metadata = config.initialMetadata.map(({ addition }) => buildAddition(addition, worker));
  }

  /**
   * Begins a call of messages in both directions. Where it fails at once - no such cluster, no healthy host - callbacks are told
   * before this returns a stream that is `closed`.
   */
  start(
    method: string,
    callbacks: GrpcStreamCallbacks,
    options: GrpcCallOptions = NO_OPTIONS,
  ): GrpcStream {
    const { clusterName, receiveBytesMax, retry, scope } = this.config;
    const stream = new GrpcStream(callbacks, receiveBytesMax);
    const http: AsyncStreamOptions = {
      timeoutMs: options.timeoutMs ?? 0,
      retry: options.retry === undefined ? retry : options.retry,
    };
    const headers = this.#headers(method, options);
    stream.attach(this.#http.start(clusterName, headers, stream, http, scope, false));
    return stream;
  }

  /** Sends one message, for one answer. The stream is there to `reset` it. */
  call(
    method: string,
    request: Buffer,
    callbacks: GrpcCallCallbacks,
    options: GrpcCallOptions = NO_OPTIONS,
  ): GrpcStream {
    const stream = this.start(method, new GrpcCall(callbacks), options);
    stream.send(request, true);
    return stream;
  }

  #headers(method: string, { timeoutMs = 0, context }: GrpcCallOptions): HeaderMap {
    const { authority, skipsEnvoyHeaders, initialMetadata } = this.config;
    const headers = new HeaderMap();
    headers.method = "POST";
    headers.path = method;
    headers.authority = authority;
    if (timeoutMs > 0) setGrpcTimeout(headers, timeoutMs);
    headers.add("te", "trailers");
    headers.add("content-type", "application/grpc");
    for (let i = 0; i < initialMetadata.length; i++) {
      const { addition, text } = initialMetadata[i]!;
      if (context === undefined) headers.set(addition.name, text);
      else applyAddition(this.#metadata[i]!, headers, context);
    }
    if (!skipsEnvoyHeaders) this.#http.markInternal(headers);
    if (timeoutMs > 0) headers.set("x-envoy-expected-rq-timeout-ms", String(timeoutMs));
    return headers;
  }
}
