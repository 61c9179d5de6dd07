import { HeaderMap } from "@nuncio/codec";
import { Connection } from "../transport/connection.ts";
import type { Cluster } from "../upstream/cluster.ts";
import type { Host } from "../upstream/host.ts";
import { HttpPool, type PoolServices } from "../upstream/pool/http-pool.ts";
import { HttpPools } from "../upstream/pool/http-pools.ts";
import { Http1Protocol } from "../upstream/pool/http1-protocol.ts";
import type { PoolRequest } from "../upstream/pool/pool-request.ts";
import type { UpstreamStream } from "../upstream/pool/upstream-stream.ts";
import type { UpstreamRecord } from "./rehearsal-record.ts";
import { SilentHandle } from "./silent-handle.ts";

/** Pools that open no connection: they note what would have been sent, and answer 200 with nothing when asked to. */
export class RecordingPools extends HttpPools {
  readonly #services: PoolServices;
  readonly #onRequest: (request: UpstreamRecord) => void;
  readonly #waiting: PoolRequest[] = [];

  constructor(services: PoolServices, onRequest: (request: UpstreamRecord) => void) {
    super(services);
    this.#services = services;
    this.#onRequest = onRequest;
  }

  override of(cluster: Cluster, host: Host, priority: "default" | "high"): HttpPool {
    const pool = new RecordingPool(cluster, host, priority, this.#services, this.#onRequest);
    pool.waiting = this.#waiting;
    return pool;
  }

  /** Lets every upstream answer. */
  answer(): void {
    for (const request of this.#waiting.splice(0)) {
      const headers = new HeaderMap();
      headers.status = 200;
      request.onUpstreamHeaders(headers, true);
    }
  }

  /** Forgets who waits: the stream is gone. */
  forget(): void {
    this.#waiting.length = 0;
  }
}

class RecordingPool extends HttpPool {
  /** Whose request left, in order. */
  waiting: PoolRequest[] = [];
  readonly #priority: "default" | "high";
  readonly #onRequest: (request: UpstreamRecord) => void;

  constructor(
    cluster: Cluster,
    host: Host,
    priority: "default" | "high",
    services: PoolServices,
    onRequest: (request: UpstreamRecord) => void,
  ) {
    super(cluster, host, cluster.breakers[priority], new Http1Protocol(cluster), services, {
      serverName: "",
      expectedNames: null,
      alpnFallback: [],
      alpnOverride: null,
    });
    this.#priority = priority;
    this.#onRequest = onRequest;
  }

  override newStream(request: PoolRequest): void {
    request.onPoolReady(this.#stream());
    this.waiting.push(request);
  }

  override cancel(): void {}

  #stream(): UpstreamStream {
    const { services, host } = this;
    const nowMs = services.worker.nowMs();
    const socket = new Connection(services.transport, new SilentHandle(), SILENT);
    return {
      carrier: {
        socket,
        localAddress: host.address,
        protocol: "HTTP/1.1",
        startMs: nowMs,
        connectedMs: nowMs,
      },
      upgraded: false,
      trailerBytesReceived: 0,
      wireBytesSent: 0,
      wireBytesReceived: 0,
      headerBytesSent: 0,
      headerBytesReceived: 0,
      encodeHeaders: (headers: HeaderMap) => {
        const { name, hashes, httpHashPolicies, config } = this.cluster;
        this.#onRequest({
          cluster: name,
          priority: this.#priority,
          headers: headers.clone(),
          address: host.address.text,
          hashing: hashes
            ? { algorithm: config.loadBalancer.algorithm, policies: httpHashPolicies }
            : null,
        });
      },
      encodeData() {},
      encodeTrailers() {},
      readDisable() {},
      resetRequest() {},
    };
  }
}

const SILENT = {
  onData(): void {},
  onEndStream(): void {},
  onClose(): void {},
  onAboveWriteBufferHighWatermark(): void {},
  onBelowWriteBufferLowWatermark(): void {},
};
