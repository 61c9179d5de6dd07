import { HeaderMap } from "@nuncio/codec";
import { stopwatchUs } from "../../base/stopwatch.ts";
import { isGrpcRequest } from "../../observe/format/grpc-status.ts";
import { clientAddress, StreamInfo, type FormatContext } from "../../observe/stream-info.ts";
import type { DownstreamWatermarkCallbacks, HttpFilter, UpstreamOverrideHost } from "../filter.ts";
import type { RouteEntry } from "../route/entry.ts";
import { ActiveFilter } from "./active-filter.ts";
import { bufferLimitOf } from "./buffer-limit.ts";
import type { ConnectionManager, FilterSlot } from "./connection-manager.ts";
import { DecodeIteration, EncodeIteration } from "./directions.ts";
import type { HttpConnection } from "./http-connection.ts";
import { completeLocalReply } from "./local-reply.ts";
import { logEarly, type EarlyLogType } from "./log-early.ts";
import { noteCluster } from "./note-cluster.ts";
import { prepareRequest } from "./prepare-request.ts";
import { recreateStream } from "./recreate-stream.ts";
import type { DownstreamStream } from "./session.ts";
import { StreamTimers } from "./stream-timers.ts";
import type { TraceReason } from "./trace-sampling.ts";

/**
 * One request and its response: the filters, the facts for the log. It ends when the response is complete or the
 * stream is reset, whichever comes first, and then tells its connection.
 */
export class ActiveStream implements FormatContext {
  readonly streamInfo: StreamInfo = new StreamInfo();
  requestHeaders: HeaderMap | null = null;
  responseHeaders: HeaderMap | null = null;
  responseTrailers: HeaderMap | null = null;
  /** Only a local reply's own format sees its body; access logs do not, as in Envoy. */
  readonly localReplyBody = "";
  decode!: DecodeIteration;
  encode!: EncodeIteration;
  /** Who produces the response and wants to know when it piles up. */
  watermarkCallbacks: DownstreamWatermarkCallbacks | null = null;
  /** As a filter says; null: none does. */
  filterBufferLimitBytes: number | null = null;
  /** For the router. */
  upstreamOverrideHost: UpstreamOverrideHost | null = null;
  destroyed = false;
  /** The codec delivered the request to its end. */
  requestComplete = false;
  /** The response's head went to the codec. */
  responseStarted = false;
  /** Drawn once, so that a route computed anew makes the same weighted choice. */
  readonly random: number;
  /** By Envoy's rules; its control headers count. */
  internalRequest = false;
  /** No request is taken after this one. */
  readonly endsConnection: boolean;
  /** The request was answered from here; its further way through the filters ends. */
  localReplySent = false;
  /** Decided for a request that gets as far as a route, and only the first time it does. */
  traceReason: TraceReason = "not_traceable";
  /** Its request came through here before; the header rules were applied then. */
  recreated = false;

  /** What it goes by to its end, whatever is configured meanwhile. */
  readonly manager: ConnectionManager;
  readonly #connection: HttpConnection;
  /** Where it came from. */
  readonly #downstream: DownstreamStream;
  readonly #filters: HttpFilter[] = [];
  #upgradeFilters: readonly FilterSlot[] | null = null;
  #route: RouteEntry | null | undefined = undefined;
  readonly #timers: StreamTimers;
  #pushedBack = 0;

  constructor(connection: HttpConnection, downstream: DownstreamStream) {
    this.#connection = connection;
    this.manager = connection.manager;
    this.#downstream = downstream;
    const { worker } = connection;
    this.random = worker.random();
    this.endsConnection = connection.timers.softDraining;
    const info = this.streamInfo;
    info.startMs = worker.nowMs();
    info.startTimeMs = worker.wallMs();
    info.downstream = connection.downstream;
    info.remoteAddress = clientAddress(info.downstream);
    info.filterState = info.downstream.filterState ?? null;
    info.protocol = downstream.protocolText;
    this.#timers = new StreamTimers(this, connection);
  }

  get filterCount(): number {
    return this.#filters.length;
  }

  get decodeEnded(): boolean {
    return this.destroyed || this.localReplySent;
  }

  get connectionLimitBytes(): number {
    return this.#connection.socket.highWatermarkBytes;
  }

  get bufferLimitBytes(): number {
    return this.filterBufferLimitBytes ?? bufferLimitOf(this.#route, this.connectionLimitBytes);
  }

  // The request, from the codec.

  decodeHeaders(headers: HeaderMap, endStream: boolean): void {
    this.requestHeaders = headers;
    if (endStream) this.#requestReceived();
    if (this.#connection.refusesRequest()) {
      this.#refuseForOverload();
      return;
    }
    if (!prepareRequest(this.#connection, this, this.#downstream, headers)) return;
    this.#createFilters();
    this.armTimers(endStream);
    this.decode.start(headers, endStream);
  }

  decodeData(data: Buffer, endStream: boolean): void {
    const info = this.streamInfo;
    info.bytesReceived += data.length;
    if (endStream) this.#requestReceived();
    else this.#timers.touchIdle();
    if (!this.localReplySent) this.decode.data(data, endStream);
  }

  decodeTrailers(trailers: HeaderMap): void {
    this.#requestReceived();
    if (!this.localReplySent) this.decode.end(trailers);
  }

  // The route.

  route(): RouteEntry | null {
    // A reply to a head that could not be read has filters, but no request to route.
    if (this.requestHeaders === null) return null;
    if (this.#route === undefined) this.#resolveRoute();
    return this.#route!;
  }

  /** See `DecoderFilterCallbacks.recreateStream`. */
  recreate(response: HeaderMap, body: Buffer | null): boolean {
    if (this.requestComplete)
      recreateStream(this.#connection, this.#downstream, this, response, body);
    return this.requestComplete;
  }

  /** Whoever produces the response from here on is told at once how much of what was sent is not read. */
  addWatermarkCallbacks(callbacks: DownstreamWatermarkCallbacks): void {
    this.watermarkCallbacks = callbacks;
    for (let blocks = this.#downstream.outputBlocks; blocks > 0; blocks--)
      callbacks.onAboveWriteBufferHighWatermark();
  }

  clearRouteCache(): void {
    this.#route = undefined;
    this.streamInfo.virtualHostName = "";
    this.streamInfo.virtualHostMetadata = null;
  }

  /** The request may switch to the protocol `type` (lower case; `connect` for CONNECT), through these filters. */
  upgrade(type: string, filters: readonly FilterSlot[]): void {
    this.streamInfo.upgradeType = type;
    this.#upgradeFilters = filters;
  }

  // The response, from the terminal filter or from here.

  /** An interim response of the upstream; dropped unless `proxy_100_continue` asks for it. */
  send1xx(headers: HeaderMap): void {
    if (this.responseStarted || this.destroyed || !this.manager.config.proxy100Continue) return;
    for (let i = this.#filters.length - 1; i >= 0; i--)
      this.#filters[i]!.encode1xxHeaders?.(headers);
    this.streamInfo.responseCode = headers.status;
    this.#downstream.send1xx(headers);
  }

  startResponse(headers: HeaderMap, endStream: boolean): void {
    this.responseHeaders = headers;
    this.#timers.touchIdle();
    this.encode.start(headers, endStream);
  }

  responseData(data: Buffer, endStream: boolean): void {
    this.#timers.touchIdle();
    this.encode.data(data, endStream);
  }

  sendLocalReply(
    status: number,
    body: string,
    details: string,
    modify?: (headers: HeaderMap) => void,
  ): void {
    if (this.destroyed) return;
    this.streamInfo.responseCodeDetails = details;
    if (this.responseStarted) {
      this.resetStream(details);
      return;
    }
    if (this.#filters.length === 0) this.#createFilters();
    if (this.requestHeaders !== null && this.#route === undefined) this.#resolveRouteOfReply();
    this.#noteCluster();
    this.localReplySent = true;
    for (const filter of this.#filters) filter.onLocalReply?.();
    const headers = new HeaderMap();
    headers.status = status;
    this.responseHeaders = headers;
    this.#downstream.onLocalReply(status);
    if (this.#route?.kind === "route") this.#route.finalizeResponseHeaders(headers, this);
    modify?.(headers);
    // From here on it is seen; what the route and the sender added above saw no code yet, as in Envoy.
    this.streamInfo.responseCode = headers.status;
    const rewritten = this.manager.localReply?.rewrite(this, headers, body);
    const grpc = this.streamInfo.grpc ?? isGrpcRequest(this.requestHeaders);
    const data = completeLocalReply(headers, this.requestHeaders, grpc, body, rewritten);
    this.streamInfo.responseCode = headers.status;
    this.#startReply(headers, data);
  }

  /** Whatever response was under way in the filters is forgotten; they see one only, as in Envoy. */
  #startReply(headers: HeaderMap, data: Buffer | null): void {
    const underWay = this.encode.headers !== null;
    const encode = new EncodeIteration(this, underWay ? [] : this.#encodeFilters());
    this.encode = encode;
    this.startResponse(headers, data === null);
    // A filter may have answered the answer.
    if (data !== null && !this.destroyed && this.encode === encode) encode.data(data, true);
  }

  /** Ends the stream without a (further) reply. The connection goes with it, as HTTP/1 has no other way. */
  resetStream(details: string): void {
    if (this.destroyed) return;
    if (this.streamInfo.responseCodeDetails === "") this.streamInfo.responseCodeDetails = details;
    this.#downstream.onStreamReset(this);
  }

  onRequestTooLarge(): void {
    this.#connection.count("downstream_rq_too_large");
    this.sendLocalReply(413, "Payload Too Large", "request_payload_too_large");
  }

  onResponseTooLarge(): void {
    this.#connection.count("rs_too_large");
    this.sendLocalReply(500, "Internal Server Error", "response_payload_too_large");
  }

  /** Stops or resumes the sender of the request; calls nest. Behind the end all of them are taken back. */
  pushBack(on: boolean): void {
    if (this.destroyed) return;
    this.#pushedBack += on ? 1 : -1;
    this.#downstream.pushBack(on);
  }

  // Behind the last filter: to the codec.

  sendHeaders(headers: HeaderMap, endStream: boolean): void {
    const info = this.streamInfo;
    this.responseStarted = true;
    this.#timers.cancelRequest();
    info.responseCode = headers.status;
    info.firstDownstreamTxByteMs = this.#connection.worker.nowMs();
    if (this.manager.config.logOnTunnel && this.#isTunnelled(headers))
      this.logEarly("DownstreamTunnelSuccessfullyEstablished");
    this.#downstream.sendHeaders(this, headers, endStream);
    if (endStream) this.#responseSent();
  }

  sendData(data: Buffer, endStream: boolean): void {
    this.streamInfo.bytesSent += data.length;
    this.#downstream.sendData(data, endStream);
    if (endStream) this.#responseSent();
  }

  sendTrailers(trailers: HeaderMap): void {
    this.responseTrailers = trailers;
    this.#downstream.sendTrailers(trailers);
    this.#responseSent();
  }

  /** With the first byte of a head that came in part, and again with the whole head. */
  armTimers(endStream: boolean): void {
    this.#timers.arm(endStream, this.#route ?? null);
  }

  noteDownstreamBytes(): void {
    // At the end they are final, and the connection counts for the next one.
    if (!this.destroyed) this.#downstream.noteBytes(this.streamInfo);
  }

  onFlushTimeout(): void {
    this.#downstream.onFlushTimeout(this);
  }

  /** A log line before the end. */
  logEarly(type: EarlyLogType): void {
    this.#downstream.noteBytes(this.streamInfo);
    logEarly(this, this.#filters, type);
  }

  /** The end, once: timers, log, filters. Only the connection calls this. */
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.#timers.cancelAll();
    for (; this.#pushedBack > 0; this.#pushedBack--) this.#downstream.pushBack(false);
    this.#noteCluster();
    this.streamInfo.endMs = this.#connection.worker.nowMs();
    for (const filter of this.#filters) filter.onStreamComplete?.();
    for (const filter of this.#filters) filter.onDestroy?.();
  }

  /** Nothing is spent on the request: no route, no filters. */
  #refuseForOverload(): void {
    const headers = this.requestHeaders!;
    headers.authorityMissing = !this.#downstream.request.hasHost;
    this.#route = null;
    this.#upgradeFilters = [];
    this.sendLocalReply(503, "envoy overloaded", "overload");
  }

  /** The route decides which filters there are, so they are made behind it; for a reply before that, without it. */
  #createFilters(): void {
    for (const { factory, name, disabled } of this.#upgradeFilters ?? this.manager.filters) {
      if (this.#route?.filterDisabled(name) ?? disabled) continue;
      const filter = factory.create();
      ActiveFilter.attach(this, filter, name, this.#filters.length);
      this.#filters.push(filter);
    }
    this.decode = new DecodeIteration(this, this.#filters);
    this.encode = new EncodeIteration(this, this.#encodeFilters());
  }

  #encodeFilters(): HttpFilter[] {
    const filters: HttpFilter[] = [];
    for (let i = this.#filters.length - 1; i >= 0; i--) filters.push(this.#filters[i]!);
    return filters;
  }

  /** The response says that what follows is no HTTP. */
  #isTunnelled({ status }: HeaderMap): boolean {
    if (this.requestHeaders?.method === "CONNECT") return status >= 200 && status < 300;
    return status === 101;
  }

  #resolveRoute(): void {
    const info = this.streamInfo;
    const timed = this.manager.config.timeRouteResolution;
    const beginUs = timed ? stopwatchUs() : 0;
    this.#setRoute(this.manager.routeTable.match(this.requestHeaders!, info, this.random));
    info.routeResolutionCount++;
    if (!timed) return;
    const tookUs = Math.round(stopwatchUs() - beginUs);
    info.routeResolutionUs = Math.max(info.routeResolutionUs, 0) + tookUs;
  }

  /**
   * A request that is refused before the header rules has the route of its headers as they came; without the
   * `x-forwarded-proto` that the rules would set, it has a virtual host and no route.
   */
  #resolveRouteOfReply(): void {
    this.#resolveRoute();
    if (!this.requestHeaders!.get("x-forwarded-proto")) this.#setRoute(null);
  }

  /** For who reads it although the router has not chosen it, or never will. */
  #noteCluster(): void {
    if (this.#route?.kind === "route" && this.streamInfo.upstream.clusterName === "")
      noteCluster(this, this.requestHeaders!);
  }

  #setRoute(route: RouteEntry | null): void {
    this.#route = route;
    const info = this.streamInfo;
    info.routeName = route?.routeName ?? "";
    info.routeMetadata = route?.metadata;
    if (route === null) return;
    // Where there is none the table has noted the virtual host.
    info.virtualHostName = route.virtualHostName;
    info.virtualHostMetadata = route.virtualHostMetadata;
    if (route.idleTimeoutMs !== undefined) this.#timers.idleTimeoutMs = route.idleTimeoutMs;
    if (route.flushTimeoutMs !== undefined) this.#timers.flushTimeoutMs = route.flushTimeoutMs;
  }

  #requestReceived(): void {
    this.requestComplete = true;
    this.streamInfo.lastDownstreamRxByteMs = this.#connection.worker.nowMs();
    this.#timers.cancelRequest();
    this.#timers.touchIdle();
  }

  #responseSent(): void {
    this.streamInfo.lastDownstreamTxByteMs = this.#connection.worker.nowMs();
    this.#downstream.onResponseComplete(this);
    // Something holds the end of it back.
    if (!this.destroyed) this.#timers.beginFlush();
  }
}
