import type { HeaderMap } from "@nuncio/codec";
import { isGrpcRequest as hasGrpcType } from "../../../observe/format/grpc-status.ts";
import {
  DataStatus,
  HeadersStatus,
  TrailersStatus,
  type DecoderFilterCallbacks,
  type HttpFilter,
} from "../../filter.ts";
import { clusterOfRequest } from "../../grpc/cluster-of-request.ts";
import { GrpcClusterStats } from "../../grpc/cluster-stats.ts";
import { FrameScanner } from "../../grpc/frame-scanner.ts";
import type { GrpcMethodStats } from "../../grpc/method-stats.ts";
import type { HttpFilterHost, HttpFilterWorkerSide } from "../extension.ts";
import { CONNECT_END, ConnectEnd } from "./connect-end.ts";
import { MessageCounts } from "./message-counts.ts";
import type { GrpcStatsConfig } from "./model.ts";

const FILTER_STATE = "envoy.filters.http.grpc_stats";

/** Worker side of the filter that counts gRPC. */
export const grpcStatsWorkerSide: HttpFilterWorkerSide<GrpcStatsConfig> = {
  configType: "envoy.extensions.filters.http.grpc_stats.v3.FilterConfig",
  build(config, worker, host) {
    const { allMethods, replaceDots, listed } = config;
    const stats = new GrpcClusterStats(
      worker.stats,
      "grpc",
      allMethods ? { kind: "all", replaceDots } : { kind: "listed", names: new Map(listed) },
    );
    return { create: () => new GrpcStatsFilter(config, stats, host) };
  },
};

/**
 * Counts the calls of gRPC, their messages and outcomes, and those of the Connect protocol: a call of one message, which
 * says its protocol's version, or a stream.
 */
class GrpcStatsFilter implements HttpFilter {
  readonly #config: GrpcStatsConfig;
  readonly #stats: GrpcClusterStats;
  readonly #host: HttpFilterHost;
  #decoder!: DecoderFilterCallbacks;
  #grpc = false;
  #connectCall = false;
  #connectStream = false;
  #method: GrpcMethodStats | null = null;
  #counts: MessageCounts | null = null;
  #request: FrameScanner | null = null;
  #response: FrameScanner | null = null;
  #connectEnd: ConnectEnd | null = null;
  /** A body that is one message has begun. */
  #requestBody = false;
  #responseBody = false;

  constructor(config: GrpcStatsConfig, stats: GrpcClusterStats, host: HttpFilterHost) {
    this.#config = config;
    this.#stats = stats;
    this.#host = host;
  }

  setDecoderFilterCallbacks(callbacks: DecoderFilterCallbacks): void {
    this.#decoder = callbacks;
  }

  decodeHeaders(headers: HeaderMap): HeadersStatus {
    this.#grpc = hasGrpcType(headers);
    this.#connectStream = headers.get("content-type")?.startsWith(CONNECT_STREAM) === true;
    this.#connectCall = headers.has("connect-protocol-version");
    if (!this.#grpc && !this.#connectStream && !this.#connectCall) return HeadersStatus.Continue;
    const cluster = clusterOfRequest(this.#host.services.clusters, this.#decoder, headers);
    if (cluster !== null) this.#method = this.#stats.of(cluster, headers.path);
    if (this.#grpc || this.#connectStream) this.#request = new FrameScanner();
    return HeadersStatus.Continue;
  }

  decodeData(data: Buffer): DataStatus {
    if (this.#request !== null) {
      const before = this.#request.frames;
      this.#request.scan(data);
      this.#addRequest(this.#request.frames - before);
    } else if (this.#connectCall && !this.#requestBody && data.length > 0) {
      this.#requestBody = true;
      this.#addRequest(1);
    }
    return DataStatus.Continue;
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean): HeadersStatus {
    if (this.#grpc) this.#countStatus(headers);
    if (this.#connectCall) this.#method?.countOutcome(headers.status === 200);
    if (endStream) this.#recordTime();
    else if (this.#hasFrames(headers)) this.#response = new FrameScanner();
    return HeadersStatus.Continue;
  }

  encodeData(data: Buffer, endStream: boolean): DataStatus {
    if (this.#connectEnd !== null) this.#connectEnd.add(data);
    else if (this.#response !== null) this.#scanResponse(this.#response, data);
    else if (this.#connectCall && !this.#responseBody && data.length > 0) {
      this.#responseBody = true;
      this.#addResponse(1);
    }
    if (endStream && this.#connectStream)
      this.#method?.countOutcome(this.#connectEnd?.success === true);
    return DataStatus.Continue;
  }

  encodeTrailers(trailers: HeaderMap): TrailersStatus {
    if (this.#grpc) this.#countStatus(trailers);
    this.#recordTime();
    return TrailersStatus.Continue;
  }

  #hasFrames(headers: HeaderMap): boolean {
    if (headers.status !== 200) return false;
    if (hasGrpcType(headers)) return true;
    return this.#connectStream && headers.get("content-type")?.startsWith(CONNECT_STREAM) === true;
  }

  #scanResponse(scanner: FrameScanner, data: Buffer): void {
    const before = scanner.frames;
    // Envoy takes the end of a Connect stream for one in every response.
    const end = scanner.scan(data, CONNECT_END);
    this.#addResponse(scanner.frames - before);
    if (end < 0) return;
    this.#connectEnd = new ConnectEnd();
    this.#connectEnd.add(data.subarray(end));
  }

  #countStatus(headers: HeaderMap): void {
    const status = headers.get("grpc-status");
    if (status !== undefined) this.#method?.countStatus(status);
  }

  #addRequest(count: number): void {
    if (count === 0) return;
    this.#method?.addRequestMessages(count);
    const counts = this.#filterState();
    if (counts !== null) counts.request += count;
  }

  #addResponse(count: number): void {
    if (count === 0) return;
    this.#method?.addResponseMessages(count);
    const counts = this.#filterState();
    if (counts !== null) counts.response += count;
  }

  /** The object appears with the first message. */
  #filterState(): MessageCounts | null {
    if (!this.#config.emitFilterState || this.#counts !== null) return this.#counts;
    this.#counts = new MessageCounts();
    const { streamInfo } = this.#decoder;
    streamInfo.filterState = new Map(streamInfo.filterState).set(FILTER_STATE, this.#counts);
    return this.#counts;
  }

  /** Of a response that ends with headers or trailers, as in Envoy. */
  #recordTime(): void {
    if (!this.#config.upstreamTimes || this.#method === null) return;
    const { lastUpstreamTxByteMs, lastUpstreamRxByteMs } = this.#decoder.streamInfo;
    if (lastUpstreamTxByteMs < 0 || lastUpstreamRxByteMs < 0) return;
    this.#method.recordTime(Math.max(0, lastUpstreamRxByteMs - lastUpstreamTxByteMs));
  }
}

const CONNECT_STREAM = "application/connect+";
