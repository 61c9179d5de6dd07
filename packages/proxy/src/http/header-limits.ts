import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../observe/stream-info.ts";
import type { Clusters } from "../upstream/clusters.ts";

/** How much a peer may send of headers, pseudo headers among them. */
export interface HeaderLimits {
  /** Header lines. */
  readonly maxHeadersCount: number;
  /** Names and values together, in units of 1024 bytes. */
  readonly maxHeadersKb: number;
}

/** Whether there is more of it. */
export function exceedsHeaderLimits(headers: HeaderMap, limits: HeaderLimits): boolean {
  const { entries } = headers;
  let count = entries.length >> 1;
  let bytes = 0;
  for (let i = 0; i < entries.length; i++) bytes += entries[i]!.length;
  for (const name of PSEUDO_HEADERS) {
    const value = headers.get(name);
    if (value === undefined) continue;
    count += 1;
    bytes += name.length + value.length;
  }
  return count > limits.maxHeadersCount || bytes > limits.maxHeadersKb * 1024;
}

const PSEUDO_HEADERS = [":method", ":scheme", ":authority", ":path", ":protocol", ":status"];

/** What the upstream of a response may send; null for a response of no upstream. */
export function responseHeaderLimits(clusters: Clusters, info: StreamInfo): HeaderLimits | null {
  const { clusterName, protocol } = info.upstream;
  const http = clusters.get(clusterName)?.config.http;
  if (http === undefined || protocol === "") return null;
  if (protocol === "HTTP/2" && http.http2 !== null) return http.http2.options;
  return { maxHeadersCount: http.maxResponseHeadersCount, maxHeadersKb: http.maxResponseHeadersKb };
}
