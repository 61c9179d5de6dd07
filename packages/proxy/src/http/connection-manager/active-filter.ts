import type { HeaderMap } from "@nuncio/codec";
import type { FormatContext, StreamInfo } from "../../observe/stream-info.ts";
import type { Demand } from "../../on-demand/model.ts";
import type {
  DecoderFilterCallbacks,
  DownstreamWatermarkCallbacks,
  EncoderFilterCallbacks,
  HttpFilter,
  UpstreamOverrideHost,
} from "../filter.ts";
import type { HeaderLimits } from "../header-limits.ts";
import type { RouteEntry } from "../route/entry.ts";
import type { ActiveStream } from "./active-stream.ts";

/** A filter's place in one stream: what the filter is handed as its callbacks, for both directions. */
export class ActiveFilter implements DecoderFilterCallbacks, EncoderFilterCallbacks {
  readonly #stream: ActiveStream;
  readonly #name: string;
  /** From the first filter; the response passes in the opposite order. */
  readonly #index: number;

  private constructor(stream: ActiveStream, name: string, index: number) {
    this.#stream = stream;
    this.#name = name;
    this.#index = index;
  }

  /** Gives a filter its place; the filter keeps it. */
  static attach(stream: ActiveStream, filter: HttpFilter, name: string, index: number): void {
    const place = new ActiveFilter(stream, name, index);
    filter.setDecoderFilterCallbacks?.(place);
    filter.setEncoderFilterCallbacks?.(place);
  }

  get filterName(): string {
    return this.#name;
  }

  get streamInfo(): StreamInfo {
    return this.#stream.streamInfo;
  }

  get formatContext(): FormatContext {
    return this.#stream;
  }

  responseContext(headers: HeaderMap): FormatContext {
    this.#stream.responseHeaders = headers;
    return this.#stream;
  }

  get random(): number {
    return this.#stream.random;
  }

  get requestHeaders(): HeaderMap | null {
    return this.#stream.requestHeaders;
  }

  get responseHeaders(): HeaderMap | null {
    return this.#stream.responseHeaders;
  }

  get connectionLimitBytes(): number {
    return this.#stream.connectionLimitBytes;
  }

  get requestHeaderLimits(): HeaderLimits {
    return this.#stream.manager.config.http1;
  }

  get bufferLimitBytes(): number {
    return this.#stream.bufferLimitBytes;
  }

  route(): RouteEntry | null {
    return this.#stream.route();
  }

  clearRouteCache(): void {
    this.#stream.clearRouteCache();
  }

  perRouteConfig(configType: string): unknown {
    return this.route()?.perFilterConfig(this.#name, configType) ?? null;
  }

  perRouteConfigs(configType: string): readonly unknown[] {
    return this.route()?.perFilterConfigs(this.#name, configType) ?? [];
  }

  routeDemand(): Demand | null {
    const { requestHeaders, manager } = this.#stream;
    return requestHeaders === null ? null : manager.routeTable.demandOf(requestHeaders);
  }

  get upstreamOverrideHost(): UpstreamOverrideHost | null {
    return this.#stream.upstreamOverrideHost;
  }

  setUpstreamOverrideHost(host: UpstreamOverrideHost): void {
    this.#stream.upstreamOverrideHost = host;
  }

  setDecoderBufferLimit(bytes: number): void {
    this.#stream.filterBufferLimitBytes = bytes;
  }

  continueDecoding(): void {
    this.#stream.decode.continueFrom(this.#index);
  }

  decodingBuffer(): Buffer | null {
    return this.#stream.decode.buffered();
  }

  replaceDecodedData(data: Buffer): void {
    this.#stream.decode.replaceData(data);
  }

  continueEncoding(): void {
    this.#stream.encode.continueFrom(this.#encodeIndex);
  }

  encodingBuffer(): Buffer | null {
    return this.#stream.encode.buffered();
  }

  replaceEncodedData(data: Buffer): void {
    this.#stream.encode.replaceData(data);
  }

  addEncodedData(data: Buffer): void {
    this.#stream.encode.addData(this.#encodeIndex, data);
  }

  addEncodedTrailers(trailers: HeaderMap): void {
    this.#stream.encode.addTrailers(trailers);
  }

  get #encodeIndex(): number {
    return this.#stream.filterCount - 1 - this.#index;
  }

  sendLocalReply(
    status: number,
    body: string,
    details: string,
    modify?: (headers: HeaderMap) => void,
  ): void {
    this.#stream.sendLocalReply(status, body, details, modify);
  }

  encode1xxHeaders(headers: HeaderMap): void {
    this.#stream.send1xx(headers);
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean): void {
    this.#stream.startResponse(headers, endStream);
  }

  encodeData(data: Buffer, endStream: boolean): void {
    this.#stream.responseData(data, endStream);
  }

  encodeTrailers(trailers: HeaderMap): void {
    this.#stream.encode.end(trailers);
  }

  resetStream(details: string): void {
    this.#stream.resetStream(details);
  }

  recreateStream(response: HeaderMap, body: Buffer | null): boolean {
    return this.#stream.recreate(response, body);
  }

  noteDownstreamBytes(): void {
    this.#stream.noteDownstreamBytes();
  }

  addDownstreamWatermarkCallbacks(callbacks: DownstreamWatermarkCallbacks): void {
    this.#stream.addWatermarkCallbacks(callbacks);
  }

  onDecoderFilterAboveWriteBufferHighWatermark(): void {
    this.#stream.pushBack(true);
  }

  onDecoderFilterBelowWriteBufferLowWatermark(): void {
    this.#stream.pushBack(false);
  }
}
