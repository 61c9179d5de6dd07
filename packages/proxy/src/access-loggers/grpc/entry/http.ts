import type { HeaderMap } from "@nuncio/codec";
import { headerByteSize } from "../../../observe/format/header-byte-size.ts";
import type { FormatContext } from "../../../observe/stream-info.ts";
import { writeMapEntry, writeUintWrapper } from "../../../protobuf/common-fields.ts";
import type { MessageWriter } from "../../../protobuf/message-writer.ts";
import { writeCommon, type EntryParts } from "./common-properties.ts";

/** `envoy.data.accesslog.v3.HTTPAccessLogEntry.HTTPVersion` */
const VERSIONS: { readonly [protocol: string]: number } = {
  "HTTP/1.0": 1,
  "HTTP/1.1": 2,
  "HTTP/2": 3,
  "HTTP/3": 4,
};

/** `envoy.config.core.v3.RequestMethod`; others are METHOD_UNSPECIFIED. */
const METHODS: ReadonlyMap<string, number> = new Map([
  ["GET", 1],
  ["HEAD", 2],
  ["POST", 3],
  ["PUT", 4],
  ["DELETE", 5],
  ["CONNECT", 6],
  ["OPTIONS", 7],
  ["TRACE", 8],
  ["PATCH", 9],
]);

/** What entries of HTTP have beside what is always in them. Names in lower case. */
export interface HttpEntryParts extends EntryParts {
  readonly requestHeaders: readonly string[];
  readonly responseHeaders: readonly string[];
  readonly responseTrailers: readonly string[];
}

/** The fields of `envoy.data.accesslog.v3.HTTPAccessLogEntry`. */
export function writeHttpEntry(
  writer: MessageWriter,
  context: FormatContext,
  parts: HttpEntryParts,
): void {
  const common = writer.begin(1);
  writeCommon(writer, context, parts);
  writer.end(common);
  writer.uint(2, VERSIONS[context.streamInfo.protocol] ?? 0);
  const request = writer.begin(3);
  writeRequest(writer, context, parts);
  writer.end(request);
  const response = writer.begin(4);
  writeResponse(writer, context, parts);
  writer.end(response);
}

/** `HTTPRequestProperties`; Envoy does not fill in `port`. */
function writeRequest(
  writer: MessageWriter,
  { streamInfo, requestHeaders: headers }: FormatContext,
  parts: HttpEntryParts,
): void {
  if (headers !== null) {
    writer.uint(1, METHODS.get(headers.method) ?? 0);
    writer.string(2, headers.scheme);
    writer.string(3, headers.authority);
    writer.string(5, headers.path);
    writer.string(6, headers.get("user-agent") ?? "");
    writer.string(7, headers.get("referer") ?? "");
    writer.string(8, headers.get("x-forwarded-for") ?? "");
    writer.string(9, headers.get("x-request-id") ?? "");
    writer.string(10, headers.get("x-envoy-original-path") ?? "");
    writer.uint(11, headerByteSize(headers));
  }
  writer.uint(12, streamInfo.bytesReceived);
  writeHeaders(writer, 13, headers, parts.requestHeaders);
  writer.uint(14, streamInfo.upstreamHeaderBytesSent);
  writer.uint(15, streamInfo.downstreamHeaderBytesReceived);
}

/** `HTTPResponseProperties` */
function writeResponse(
  writer: MessageWriter,
  { streamInfo, responseHeaders, responseTrailers }: FormatContext,
  parts: HttpEntryParts,
): void {
  if (streamInfo.responseCode !== 0) writeUintWrapper(writer, 1, streamInfo.responseCode);
  writer.uint(2, headerByteSize(responseHeaders));
  writer.uint(3, streamInfo.bytesSent);
  writeHeaders(writer, 4, responseHeaders, parts.responseHeaders);
  writeHeaders(writer, 5, responseTrailers, parts.responseTrailers);
  writer.string(6, streamInfo.responseCodeDetails);
  writer.uint(7, streamInfo.upstreamHeaderBytesReceived);
  writer.uint(8, streamInfo.downstreamHeaderBytesSent);
}

/** Those that are there, all lines of one joined. */
function writeHeaders(
  writer: MessageWriter,
  field: number,
  headers: HeaderMap | null,
  names: readonly string[],
): void {
  if (headers === null) return;
  for (const name of names) {
    const first = headers.get(name);
    if (first === undefined) continue;
    const values = headers.getAll(name);
    writeMapEntry(writer, field, name, values.length > 1 ? values.join(",") : first);
  }
}
