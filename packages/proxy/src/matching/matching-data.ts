import type { HeaderMap } from "@nuncio/codec";
import type { Address, DownstreamInfo, StreamInfo } from "../observe/stream-info.ts";

/** What a matcher of connections reads. */
export interface NetworkMatchingData {
  readonly downstream: DownstreamInfo;
  /** The client; the peer of the socket, unless something says better. */
  readonly remoteAddress: Address;
  readonly filterState: ReadonlyMap<string, unknown> | null;
}

/**
 * What a matcher of requests reads. Null is what is not there yet. One object may serve many requests: it is filled
 * before a match and cleared behind it.
 */
export class HttpMatchingData implements NetworkMatchingData {
  requestHeaders: HeaderMap | null = null;
  requestTrailers: HeaderMap | null = null;
  responseHeaders: HeaderMap | null = null;
  responseTrailers: HeaderMap | null = null;
  streamInfo: StreamInfo | null = null;

  get downstream(): DownstreamInfo {
    return this.streamInfo?.downstream ?? NOWHERE;
  }

  get remoteAddress(): Address {
    return this.streamInfo?.remoteAddress ?? NO_ADDRESS;
  }

  get filterState(): ReadonlyMap<string, unknown> | null {
    return this.streamInfo?.filterState ?? null;
  }

  /** Drops everything, so that nothing of a request survives it. */
  clear(): void {
    this.requestHeaders = null;
    this.requestTrailers = null;
    this.responseHeaders = null;
    this.responseTrailers = null;
    this.streamInfo = null;
  }
}

const NO_ADDRESS: Address = { text: "", ip: "", port: 0 };
const NOWHERE: DownstreamInfo = {
  connectionId: 0,
  directRemoteAddress: NO_ADDRESS,
  localAddress: NO_ADDRESS,
  listenerName: "",
  filterChainName: "",
};
