import type { HeaderMap } from "@nuncio/codec";
import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import {
  clientAddress,
  ResponseFlag,
  StreamInfo,
  type FormatContext,
} from "../../observe/stream-info.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import type { Host } from "../../upstream/host.ts";
import type { ResetReason } from "../../upstream/pool/pool-request.ts";
import type { UpstreamStream } from "../../upstream/pool/upstream-stream.ts";
import type { DecoderFilterCallbacks } from "../filter.ts";
import { flagOfReset } from "./reset-reply.ts";
import type { Router } from "./router.ts";
import { noteBytes, noteConnection, noteHost } from "./upstream-facts.ts";

/**
 * The lines of `upstream_log` about one attempt. Its facts are its own: bytes received are those of the response's body, and
 * there are no details. A mirror has no client to tell of.
 */
export class AttemptLog implements FormatContext, TimerTarget {
  readonly streamInfo: StreamInfo = new StreamInfo();
  readonly requestHeaders: HeaderMap;
  responseHeaders: HeaderMap | null = null;
  responseTrailers: HeaderMap | null = null;
  readonly localReplyBody = "";
  readonly #router: Router;
  readonly #parent: DecoderFilterCallbacks | null;
  #stream: UpstreamStream | null = null;
  #timer: Timer | null = null;

  /** `parent`: the stream whose request it is; null for a mirror. */
  constructor(
    router: Router,
    cluster: Cluster,
    headers: HeaderMap,
    parent: DecoderFilterCallbacks | null,
  ) {
    this.#router = router;
    this.#parent = parent;
    this.requestHeaders = headers;
    const info = this.streamInfo;
    info.identity = "none";
    const { worker } = router.services;
    info.startMs = worker.nowMs();
    info.startTimeMs = worker.wallMs();
    info.upstream.clusterName = cluster.name;
    info.upstream.clusterObservabilityName = cluster.config.observabilityName;
    info.upstream.clusterMetadata = cluster.config.metadata;
    info.upstream.cluster = cluster;
    if (parent !== null) copyRoute(parent.streamInfo, info);
    const { upstreamLogIntervalMs } = router.config;
    if (upstreamLogIntervalMs > 0) {
      this.#timer = new Timer(this);
      worker.timers.arm(this.#timer, upstreamLogIntervalMs);
    }
  }

  onTimer(timer: Timer): void {
    this.#write("UpstreamPeriodic");
    this.#router.services.worker.timers.arm(timer, this.#router.config.upstreamLogIntervalMs);
  }

  onHost(host: Host): void {
    noteHost(this.streamInfo.upstream, host);
  }

  onConnected(stream: UpstreamStream, host: Host): void {
    const info = this.streamInfo;
    this.#stream = stream;
    this.onHost(host);
    noteConnection(info.upstream, stream, this.#router.services.worker.nowMs() - info.startMs);
    info.protocol = stream.carrier.protocol;
    if (this.#router.config.logsUpstreamConnections) this.#write("UpstreamPoolReady");
  }

  onSent(bytes: number): void {
    this.streamInfo.bytesSent += bytes;
  }

  /** Some of the request went to the connection. */
  onWritten(endStream: boolean): void {
    const info = this.streamInfo;
    const nowMs = this.#router.services.worker.nowMs();
    if (info.firstUpstreamTxByteMs < 0) info.firstUpstreamTxByteMs = nowMs;
    if (endStream) info.lastUpstreamTxByteMs = nowMs;
  }

  /** The response is whole. */
  onComplete(): void {
    this.streamInfo.lastUpstreamRxByteMs = this.#router.services.worker.nowMs();
  }

  /** The router changes the headers on their way; the log shows what came. */
  onHeaders(headers: HeaderMap): void {
    const info = this.streamInfo;
    this.responseHeaders = headers.clone();
    info.responseCode = headers.status;
    info.firstUpstreamRxByteMs = this.#router.services.worker.nowMs();
  }

  onReceived(bytes: number): void {
    this.streamInfo.bytesReceived += bytes;
  }

  onReset(reason: ResetReason, details: string): void {
    this.streamInfo.responseFlags |= flagOfReset(reason);
    this.streamInfo.upstream.transportFailureReason = details;
  }

  onPerTryTimeout(idle: boolean): void {
    this.streamInfo.responseFlags |= idle
      ? ResponseFlag.StreamIdleTimeout
      : ResponseFlag.UpstreamRequestTimeout;
  }

  /** The stream goes to others: its counts are to be read now. */
  onReleased(stream: UpstreamStream): void {
    if (this.#stream === null) return;
    this.#noteBytes(stream);
    this.#stream = null;
  }

  /** The attempt is over; the last line is written. */
  end(): void {
    const { worker } = this.#router.services;
    if (this.#timer !== null) worker.timers.cancel(this.#timer);
    this.streamInfo.endMs = worker.nowMs();
    this.#write("UpstreamEnd");
    this.#stream = null;
  }

  #write(type: "UpstreamEnd" | "UpstreamPeriodic" | "UpstreamPoolReady"): void {
    const info = this.streamInfo;
    if (this.#stream !== null) this.#noteBytes(this.#stream);
    info.accessLogType = type;
    for (const log of this.#router.upstreamLogs!) log.log(this);
  }

  /** Both sides' bytes are counted together, from the connection on. */
  #noteBytes(stream: UpstreamStream): void {
    const info = this.streamInfo;
    info.upstreamWireBytesSent = 0;
    info.upstreamHeaderBytesSent = 0;
    info.upstreamWireBytesReceived = 0;
    info.upstreamHeaderBytesReceived = 0;
    info.upstreamTrailerBytesReceived = 0;
    noteBytes(info, stream);
    if (this.#parent === null) return;
    this.#parent.noteDownstreamBytes();
    const { streamInfo } = this.#parent;
    info.downstreamWireBytesReceived = streamInfo.downstreamWireBytesReceived;
    info.downstreamWireBytesSent = streamInfo.downstreamWireBytesSent;
    info.downstreamHeaderBytesReceived = streamInfo.downstreamHeaderBytesReceived;
    info.downstreamTrailerBytesReceived = streamInfo.downstreamTrailerBytesReceived;
    info.downstreamHeaderBytesSent = streamInfo.downstreamHeaderBytesSent;
  }
}

function copyRoute(from: StreamInfo, to: StreamInfo): void {
  to.downstream = from.downstream;
  to.remoteAddress = from.downstream === null ? null : clientAddress(from.downstream);
  to.routeName = from.routeName;
  to.virtualHostName = from.virtualHostName;
  to.routeMetadata = from.routeMetadata;
  to.healthCheck = from.healthCheck;
}
