import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type {
  ClientStatusRequest,
  ClientStatusResponse,
} from "../client-status/client-status-messages.ts";
import { clientStatusOfServer } from "../client-status/server-view.ts";
import { systemClock } from "../types/clock.ts";
import type { Clock } from "../types/clock.ts";
import type { DeltaDiscoveryRequest, DiscoveryRequest } from "../types/discovery-messages.ts";
import { canonicalResourceName } from "../types/resource-name.ts";
import type { ResourceCache } from "./cache.ts";
import { DeltaStream } from "./delta-stream.ts";
import type { XdsResponse } from "./response.ts";
import { SotwStream } from "./sotw-stream.ts";
import { refusedOf, statusOf, statusOfResource } from "./status.ts";
import type { ClientStatus, RefusedResource, ResourceOfClient } from "./status.ts";

/** One stream of a client. */
export interface StreamInfo {
  /** Counts up from 1. */
  readonly id: number;
  readonly variant: "sotw" | "delta";
  /** The one type of the stream; undefined on an aggregated one. */
  readonly typeUrl: string | undefined;
  /** When it began, by the server's clock. */
  readonly openedAtMs: number;
  /** The client; undefined before its first request. */
  readonly node: Node | undefined;
}

/** What somebody who runs a server may want to know. What throws ends the stream, and its message reaches the client. */
export interface XdsCallbacks {
  onStreamOpen?(stream: StreamInfo): void;
  /** Before the request has its effect. */
  onRequest?(stream: StreamInfo, request: DiscoveryRequest | DeltaDiscoveryRequest): void;
  /** Before the response is written. */
  onResponse?(stream: StreamInfo, response: XdsResponse): void;
  onStreamClosed?(stream: StreamInfo): void;
}

/** Settings of an XdsServer. */
export interface XdsServerOptions {
  readonly cache: ResourceCache;
  readonly clock?: Clock;
  readonly callbacks?: XdsCallbacks;
  /** A client may ask for so many types on one stream: 64 unless given. */
  readonly maxTypes?: number;
  /** A client may name so many resources of a type on one stream: 100,000 unless given. */
  readonly maxNames?: number;
  /**
   * On an aggregated stream listeners and routes wait so long for the client to ask for the endpoints of clusters that
   * it was sent: 5,000 unless given.
   */
  readonly endpointsWaitMs?: number;
}

/** What a transport says when it opens a stream. */
export interface OpenStream {
  /** The one type of the stream; left out for an aggregated one. */
  readonly typeUrl?: string;
  /** There may be something to send. Call `next` later, not from within. */
  readonly onReady: () => void;
}

/** A stream as a transport sees it. */
export interface ServerStream<Request> {
  readonly info: StreamInfo;
  /** Takes a request; what it throws ends the stream. Nothing after `close`. */
  receive(request: Request): void;
  /** The newest thing to send, undefined when there is nothing; to be called until then, whenever there is room. */
  next(): XdsResponse | undefined;
  /** The stream is over, for whichever reason. May be called more than once. */
  close(): void;
}

/** The server's side of xDS without a transport: a cache, and the streams of clients that read it. */
export class XdsServer {
  readonly #options: Required<Omit<XdsServerOptions, "callbacks">>;
  readonly #callbacks: XdsCallbacks;
  readonly #streams = new Map<number, { info: StreamInfo; stream: SotwStream | DeltaStream }>();
  #lastId = 0;

  constructor(options: XdsServerOptions) {
    this.#callbacks = options.callbacks ?? {};
    this.#options = {
      cache: options.cache,
      clock: options.clock ?? systemClock,
      maxTypes: options.maxTypes ?? 64,
      maxNames: options.maxNames ?? 100_000,
      endpointsWaitMs: options.endpointsWaitMs ?? 5_000,
    };
  }

  /** A stream of the state-of-the-world variant. */
  openSotw(open: OpenStream): ServerStream<DiscoveryRequest> {
    return this.#open("sotw", new SotwStream({ ...this.#options, ...open }), open.typeUrl);
  }

  /** A stream of the delta variant. */
  openDelta(open: OpenStream): ServerStream<DeltaDiscoveryRequest> {
    return this.#open("delta", new DeltaStream({ ...this.#options, ...open }), open.typeUrl);
  }

  /** How many streams are open. */
  get streamCount(): number {
    return this.#streams.size;
  }

  /** All clients: what each has accepted, what it has refused and why, what is under way. */
  status(): ClientStatus[] {
    return Array.from(this.#streams.values(), ({ info, stream }) =>
      statusOf(info, stream.subscriptions),
    );
  }

  /** Of each client that wants a resource: which version it has, whether it accepted it, or why it refused it. */
  statusOf(typeUrl: string, name: string): ResourceOfClient[] {
    const found: ResourceOfClient[] = [];
    for (const { info, stream } of this.#streams.values()) {
      const status = statusOfResource(stream.subscriptions, typeUrl, canonicalResourceName(name));
      if (status !== undefined) found.push({ stream: info, ...status });
    }
    return found;
  }

  /**
   * What clients refuse at the moment, without what is asked again because it was refused together with others. Costs what
   * is refused, not what there is.
   */
  refusals(): RefusedResource[] {
    return Array.from(this.#streams.values(), ({ info, stream }) =>
      stream.subscriptions.flatMap((subscription) =>
        refusedOf(subscription).map((refused) => ({ stream: info, ...refused })),
      ),
    ).flat();
  }

  /** Sends a resource again to clients that refuse it: what kept them from taking it may be gone. */
  retryRefused(typeUrl: string, name: string): void {
    for (const { stream } of this.#streams.values())
      for (const subscription of stream.subscriptions)
        if (subscription.typeUrl === typeUrl && subscription.refused.has(name))
          subscription.sendAgain(name);
  }

  /** Answers a request of CSDS from what is known of the clients. Throws a NodeMatcherError. */
  clientStatus(request: ClientStatusRequest): ClientStatusResponse {
    const streams = Array.from(this.#streams.values(), ({ info, stream }) => ({
      info,
      subscriptions: stream.subscriptions,
    }));
    return clientStatusOfServer(request, streams, Date.now() - this.#options.clock.nowMs());
  }

  #open<Stream extends SotwStream | DeltaStream>(
    variant: StreamInfo["variant"],
    stream: Stream,
    typeUrl: string | undefined,
  ): ServerStream<Parameters<Stream["receive"]>[0]> {
    this.#lastId += 1;
    const id = this.#lastId;
    const openedAtMs = this.#options.clock.nowMs();
    const info: StreamInfo = {
      id,
      variant,
      typeUrl,
      openedAtMs,
      get node() {
        return stream.node;
      },
    };
    this.#callbacks.onStreamOpen?.(info);
    this.#streams.set(id, { info, stream });
    return {
      info,
      receive: (request) => {
        if (!this.#streams.has(id)) return;
        this.#callbacks.onRequest?.(info, request);
        stream.receive(request as never);
      },
      next: () => {
        const response = stream.next();
        if (response !== undefined) this.#callbacks.onResponse?.(info, response);
        return response;
      },
      close: () => {
        if (!this.#streams.delete(id)) return;
        stream.close();
        this.#callbacks.onStreamClosed?.(info);
      },
    };
  }
}
