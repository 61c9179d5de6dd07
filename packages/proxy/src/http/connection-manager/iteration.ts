import type { HeaderMap } from "@nuncio/codec";
import { DataStatus, HeadersStatus, TrailersStatus, type HttpFilter } from "../filter.ts";

/**
 * One direction of a stream through its filters: where the iteration stands, and what is held back for a filter that
 * stopped it. The rules are Envoy's (`FilterManager`): a filter that stopped on headers still gets the data, and its first
 * `Continue` lets headers and data go on; one buffer per direction.
 */
export abstract class Iteration {
  protected readonly filters: readonly HttpFilter[];
  /** The message arrived to its end. */
  complete = false;
  headers: HeaderMap | null = null;
  trailers: HeaderMap | null = null;
  /** Index of the filter that holds the headers back; -1 for none. */
  #headersStoppedAt = -1;
  #stopAll:
    | 0
    | typeof HeadersStatus.StopAllIterationAndBuffer
    | typeof HeadersStatus.StopAllIterationAndWatermark = 0;
  /** Index of the filter that the trailers wait for; -1 for none. */
  #trailersStoppedAt = -1;
  #chunks: Buffer[] | null = null;
  /** Index of the filter that they are held for. */
  #heldAt = -1;
  #bufferedBytes = 0;
  #aboveWatermark = false;
  /** What the filter that is being called gives instead of the data that it was handed. */
  #replacement: Buffer | null = null;
  /** What a filter that is called with the end of the message adds behind it. */
  #addedData: Buffer | null = null;
  #addedTrailers = false;
  #inHeaders = false;

  constructor(filters: readonly HttpFilter[]) {
    this.filters = filters;
  }

  /** True when the stream ended meanwhile: a local reply, a reset. Nothing more is dispatched then. */
  protected abstract get ended(): boolean;
  protected abstract get limitBytes(): number;
  protected abstract callHeaders(
    filter: HttpFilter,
    headers: HeaderMap,
    endStream: boolean,
  ): HeadersStatus;
  protected abstract callData(filter: HttpFilter, data: Buffer, endStream: boolean): DataStatus;
  protected abstract callTrailers(filter: HttpFilter, trailers: HeaderMap): TrailersStatus;
  protected abstract callComplete(filter: HttpFilter): void;
  /** Behind the last filter. */
  protected abstract deliverHeaders(headers: HeaderMap, endStream: boolean): void;
  protected abstract deliverData(data: Buffer, endStream: boolean): void;
  protected abstract deliverTrailers(trailers: HeaderMap): void;
  /** The buffer is over the limit; `watermark` asks for push-back instead of failure. */
  protected abstract onOverLimit(watermark: boolean): void;
  protected abstract onBelowLimit(): void;

  start(headers: HeaderMap, endStream: boolean): void {
    this.headers = headers;
    this.complete = endStream;
    this.#runHeaders(0, endStream);
  }

  data(data: Buffer, endStream: boolean): void {
    if (endStream) this.complete = true;
    this.#runData(0, data, endStream);
  }

  end(trailers: HeaderMap): void {
    this.complete = true;
    this.trailers = trailers;
    this.#runTrailers(0);
  }

  /** Data that is held for a filter, or null. */
  buffered(): Buffer | null {
    const chunks = this.#chunks;
    if (chunks === null) return null;
    if (chunks.length > 1) this.#chunks = [Buffer.concat(chunks)];
    return this.#chunks![0]!;
  }

  /** See `DecoderFilterCallbacks.replaceDecodedData`. */
  replaceData(data: Buffer): void {
    this.#replacement = data;
  }

  /** More data from filter `index`, which was called with headers that end the message, or trailers: behind all data before. */
  addData(index: number, data: Buffer): void {
    if (this.#inHeaders) this.#addedData = Buffer.from(data);
    else if (this.#headersStoppedAt === index || this.#heldAt === index)
      this.#hold(index, data, true);
    else this.#runData(index + 1, data, false);
  }

  /** Trailers from the filter that is called with the end of the message. */
  addTrailers(trailers: HeaderMap): void {
    this.trailers = trailers;
    this.#addedTrailers = true;
  }

  /** Filter `index` lets go what it held. */
  continueFrom(index: number): void {
    if (this.ended) return;
    // A filter that stopped everything has not seen the data yet.
    const next = this.#stopAll !== 0 && this.#headersStoppedAt === index ? index : index + 1;
    if (this.#headersStoppedAt === index) {
      this.#headersStoppedAt = -1;
      this.#stopAll = 0;
      this.#runHeaders(index + 1, this.complete && this.#chunks === null && this.trailers === null);
      if (this.ended) return;
    }
    // The next filter that stopped on the headers gets its data nevertheless.
    if (this.#heldAt === index) {
      this.#runData(next, this.#takeBuffer(), this.complete && this.trailers === null);
      if (this.ended) return;
    }
    if (this.#trailersStoppedAt === index) {
      this.#trailersStoppedAt = -1;
      this.#runTrailers(next);
    }
  }

  #runHeaders(from: number, endStream: boolean): void {
    const { filters } = this;
    const headers = this.headers!;
    for (let i = from; i < filters.length; i++) {
      const filter = filters[i]!;
      this.#inHeaders = true;
      const status = this.callHeaders(filter, headers, endStream);
      this.#inHeaders = false;
      if (this.ended) return;
      if (endStream) this.callComplete(filter);
      if (this.#addedTrailers) {
        this.#runAdded(i + 1);
        return;
      }
      if (status === HeadersStatus.Continue) continue;
      this.#headersStoppedAt = i;
      this.#stopAll = status === HeadersStatus.StopIteration ? 0 : status;
      return;
    }
    this.deliverHeaders(headers, endStream);
  }

  /** Headers that ended the message, from the filter on behind the one that gave it a body and trailers. */
  #runAdded(from: number): void {
    const data = this.#addedData;
    this.#addedData = null;
    this.#addedTrailers = false;
    this.#runHeaders(from, false);
    if (data !== null && !this.ended) this.#runData(from, data, false);
    if (!this.ended) this.#runTrailers(from);
  }

  #runData(from: number, data: Buffer, endStream: boolean): void {
    const { filters } = this;
    for (let i = from; i < filters.length; i++) {
      const filter = filters[i]!;
      const stopped = this.#headersStoppedAt === i;
      if (stopped && this.#stopAll !== 0) {
        this.#hold(i, data, this.#stopAll === HeadersStatus.StopAllIterationAndWatermark);
        return;
      }
      const status = this.callData(filter, data, endStream);
      if (this.ended) return;
      if (this.#replacement !== null) {
        data = this.#replacement;
        this.#replacement = null;
      }
      if (endStream) this.callComplete(filter);
      if (status !== DataStatus.Continue) {
        if (status !== DataStatus.StopIterationNoBuffer) {
          this.#hold(i, data, status === DataStatus.StopIterationAndWatermark);
        }
        return;
      }
      if (stopped) {
        // The first Continue after a stop on headers: headers first, then all data so far.
        this.#hold(i, data, true);
        if (this.#addedTrailers) this.#trailersStoppedAt = i;
        this.#addedTrailers = false;
        this.continueFrom(i);
        return;
      }
      if (this.#heldAt === i) {
        this.#hold(i, data, true);
        data = this.#takeBuffer();
      }
      if (this.#addedTrailers) {
        this.#addedTrailers = false;
        this.#runData(i + 1, data, false);
        if (!this.ended) this.#runTrailers(i + 1);
        return;
      }
    }
    this.deliverData(data, endStream);
  }

  #runTrailers(from: number): void {
    const { filters } = this;
    const trailers = this.trailers!;
    for (let i = from; i < filters.length; i++) {
      const filter = filters[i]!;
      if (this.#headersStoppedAt === i && this.#stopAll !== 0) {
        this.#trailersStoppedAt = i;
        return;
      }
      const status = this.callTrailers(filter, trailers);
      if (this.ended) return;
      this.callComplete(filter);
      if (status === TrailersStatus.StopIteration) {
        this.#trailersStoppedAt = i;
        return;
      }
      if (this.#headersStoppedAt === i || this.#heldAt === i) {
        this.#trailersStoppedAt = i;
        this.continueFrom(i);
        return;
      }
    }
    this.deliverTrailers(trailers);
  }

  #hold(index: number, data: Buffer, watermark: boolean): void {
    this.#heldAt = index;
    if (data.length === 0 && this.#chunks !== null) return;
    // Held data outlives this call, what was handed to us does not.
    (this.#chunks ??= []).push(Buffer.from(data));
    this.#bufferedBytes += data.length;
    if (this.#bufferedBytes <= this.limitBytes || this.#aboveWatermark) return;
    if (watermark) this.#aboveWatermark = true;
    this.onOverLimit(watermark);
  }

  #takeBuffer(): Buffer {
    const data = this.buffered()!;
    this.#chunks = null;
    this.#heldAt = -1;
    this.#bufferedBytes = 0;
    if (this.#aboveWatermark) {
      this.#aboveWatermark = false;
      this.onBelowLimit();
    }
    return data;
  }
}
