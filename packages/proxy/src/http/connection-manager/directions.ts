import type { HeaderMap } from "@nuncio/codec";
import { DataStatus, HeadersStatus, TrailersStatus, type HttpFilter } from "../filter.ts";
import type { ActiveStream } from "./active-stream.ts";
import { Iteration } from "./iteration.ts";

/** The request on its way through the filters. The last filter is terminal: nothing is delivered behind it. */
export class DecodeIteration extends Iteration {
  readonly #stream: ActiveStream;

  constructor(stream: ActiveStream, filters: readonly HttpFilter[]) {
    super(filters);
    this.#stream = stream;
  }

  /** A response that began stops the request's way: nobody waits for more of it but the router. */
  protected override get ended(): boolean {
    return this.#stream.decodeEnded;
  }

  protected override get limitBytes(): number {
    return this.#stream.bufferLimitBytes;
  }

  protected override callHeaders(
    filter: HttpFilter,
    headers: HeaderMap,
    endStream: boolean,
  ): HeadersStatus {
    return filter.decodeHeaders === undefined
      ? HeadersStatus.Continue
      : filter.decodeHeaders(headers, endStream);
  }

  protected override callData(filter: HttpFilter, data: Buffer, endStream: boolean): DataStatus {
    return filter.decodeData === undefined
      ? DataStatus.Continue
      : filter.decodeData(data, endStream);
  }

  protected override callTrailers(filter: HttpFilter, trailers: HeaderMap): TrailersStatus {
    return filter.decodeTrailers === undefined
      ? TrailersStatus.Continue
      : filter.decodeTrailers(trailers);
  }

  protected override callComplete(filter: HttpFilter): void {
    filter.decodeComplete?.();
  }

  protected override deliverHeaders(): void {}
  protected override deliverData(): void {}
  protected override deliverTrailers(): void {}

  protected override onOverLimit(watermark: boolean): void {
    if (watermark) this.#stream.pushBack(true);
    else this.#stream.onRequestTooLarge();
  }

  protected override onBelowLimit(): void {
    this.#stream.pushBack(false);
  }
}

/** The response on its way back. Behind the last filter stands the codec. */
export class EncodeIteration extends Iteration {
  readonly #stream: ActiveStream;

  constructor(stream: ActiveStream, filters: readonly HttpFilter[]) {
    super(filters);
    this.#stream = stream;
  }

  /** A reply from here has a way of its own. */
  protected override get ended(): boolean {
    return this.#stream.destroyed || this.#stream.encode !== this;
  }

  protected override get limitBytes(): number {
    return this.#stream.bufferLimitBytes;
  }

  protected override callHeaders(
    filter: HttpFilter,
    headers: HeaderMap,
    endStream: boolean,
  ): HeadersStatus {
    return filter.encodeHeaders === undefined
      ? HeadersStatus.Continue
      : filter.encodeHeaders(headers, endStream);
  }

  protected override callData(filter: HttpFilter, data: Buffer, endStream: boolean): DataStatus {
    return filter.encodeData === undefined
      ? DataStatus.Continue
      : filter.encodeData(data, endStream);
  }

  protected override callTrailers(filter: HttpFilter, trailers: HeaderMap): TrailersStatus {
    return filter.encodeTrailers === undefined
      ? TrailersStatus.Continue
      : filter.encodeTrailers(trailers);
  }

  protected override callComplete(filter: HttpFilter): void {
    filter.encodeComplete?.();
  }

  protected override deliverHeaders(headers: HeaderMap, endStream: boolean): void {
    this.#stream.sendHeaders(headers, endStream);
  }

  protected override deliverData(data: Buffer, endStream: boolean): void {
    this.#stream.sendData(data, endStream);
  }

  protected override deliverTrailers(trailers: HeaderMap): void {
    this.#stream.sendTrailers(trailers);
  }

  protected override onOverLimit(watermark: boolean): void {
    if (watermark) this.#stream.watermarkCallbacks?.onAboveWriteBufferHighWatermark();
    else this.#stream.onResponseTooLarge();
  }

  protected override onBelowLimit(): void {
    this.#stream.watermarkCallbacks?.onBelowWriteBufferLowWatermark();
  }
}
