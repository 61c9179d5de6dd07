import type { HeaderMap } from "@nuncio/codec";
import { grpcStatusOf } from "../../observe/format/grpc-status.ts";
import { headerByteSize } from "../../observe/format/header-byte-size.ts";
import type { FormatContext } from "../../observe/stream-info.ts";
import type { AttributeTable } from "../lazy-map.ts";
import { durationOf, fromByteString, headersOf, textOrAbsent, timestampOf } from "./values.ts";

/** `request.*`, as Envoy's "Attributes" lists them. Without request headers most are absent. */
export const requestAttributes: AttributeTable = {
  path: ({ requestHeaders }) => textOrAbsent(requestHeaders?.path),
  url_path: ({ requestHeaders }) => textOrAbsent(requestHeaders?.path.split("?", 1)[0]),
  query: ({ requestHeaders }) => {
    if (requestHeaders === null) return undefined;
    const mark = requestHeaders.path.indexOf("?");
    return mark < 0 ? "" : fromByteString(requestHeaders.path.slice(mark + 1));
  },
  host: ({ requestHeaders }) => textOrAbsent(requestHeaders?.authority),
  scheme: ({ requestHeaders }) => textOrAbsent(requestHeaders?.scheme),
  method: ({ requestHeaders }) => textOrAbsent(requestHeaders?.method),
  referer: ({ requestHeaders }) => header(requestHeaders, "referer"),
  id: ({ requestHeaders }) => header(requestHeaders, "x-request-id"),
  useragent: ({ requestHeaders }) => header(requestHeaders, "user-agent"),
  headers: ({ requestHeaders }) => headersOf(requestHeaders),
  time: ({ streamInfo }) => timestampOf(streamInfo.startTimeMs),
  duration: ({ streamInfo }) =>
    streamInfo.endMs < 0 ? undefined : durationOf(streamInfo.endMs - streamInfo.startMs),
  size: (context) => BigInt(requestSize(context)),
  total_size: ({ streamInfo, requestHeaders }) =>
    BigInt(streamInfo.bytesReceived + headerByteSize(requestHeaders)),
  protocol: ({ streamInfo }) => textOrAbsent(streamInfo.protocol),
};

/** `response.*`. */
export const responseAttributes: AttributeTable = {
  code: ({ streamInfo }) =>
    streamInfo.responseCode === 0 ? undefined : BigInt(streamInfo.responseCode),
  code_details: ({ streamInfo }) => textOrAbsent(streamInfo.responseCodeDetails),
  flags: ({ streamInfo }) => BigInt(streamInfo.responseFlags),
  grpc_status: (context) => {
    const status = grpcStatusOf(context);
    return status === null ? undefined : BigInt(status);
  },
  headers: ({ responseHeaders }) => headersOf(responseHeaders),
  trailers: ({ responseTrailers }) => headersOf(responseTrailers),
  size: ({ streamInfo }) => BigInt(streamInfo.bytesSent),
  total_size: ({ streamInfo, responseHeaders, responseTrailers }) =>
    BigInt(
      streamInfo.bytesSent + headerByteSize(responseHeaders) + headerByteSize(responseTrailers),
    ),
  backend_latency: ({ streamInfo }) =>
    streamInfo.firstUpstreamTxByteMs < 0 || streamInfo.lastUpstreamRxByteMs < 0
      ? undefined
      : durationOf(streamInfo.lastUpstreamRxByteMs - streamInfo.firstUpstreamTxByteMs),
};

function header(headers: HeaderMap | null, name: string): string | undefined {
  const value = headers?.get(name);
  return value === undefined ? undefined : fromByteString(value);
}

/** What the head announced; what came without a usable content-length. */
function requestSize({ streamInfo, requestHeaders }: FormatContext): number {
  const length = requestHeaders?.get("content-length");
  return length !== undefined && /^[0-9]{1,15}$/.test(length)
    ? Number(length)
    : streamInfo.bytesReceived;
}
