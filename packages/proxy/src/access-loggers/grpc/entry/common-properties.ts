import { ACCESS_LOG_TYPE_NUMBERS } from "../../../observe/access-log/access-log-types.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { streamIdOf } from "../../../observe/stream-id.ts";
import {
  clientAddress,
  type FormatContext,
  type StreamInfo,
} from "../../../observe/stream-info.ts";
import {
  writeAddress,
  writeMapEntry,
  writeMilliseconds,
  writeSpan,
} from "../../../protobuf/common-fields.ts";
import type { MessageWriter } from "../../../protobuf/message-writer.ts";
import { writeStruct } from "../../../protobuf/struct-writer.ts";
import { tagValue, type CustomTag } from "../custom-tags.ts";
import { writeFilterState } from "./filter-state.ts";
import { writeResponseFlags } from "./response-flags.ts";
import { writeTlsProperties } from "./tls-properties.ts";

/** What entries have beside what is always in them. */
export interface EntryParts {
  readonly filterStateObjects: readonly string[];
  readonly customTags: readonly CustomTag[];
}

/** The fields of `envoy.data.accesslog.v3.AccessLogCommon`. `sample_rate` is of nobody, as in Envoy. */
export function writeCommon(
  writer: MessageWriter,
  context: FormatContext,
  parts: EntryParts,
): void {
  const { streamInfo } = context;
  writeDownstream(writer, streamInfo);
  writeTimes(writer, streamInfo);
  writeUpstream(writer, streamInfo);
  if (streamInfo.responseFlags !== 0) {
    const flags = writer.begin(16);
    writeResponseFlags(writer, streamInfo.responseFlags);
    writer.end(flags);
  }
  writeMetadata(writer, streamInfo);
  writer.string(19, streamInfo.routeName);
  for (const key of parts.filterStateObjects)
    writeFilterState(writer, 21, key, streamInfo.filterState?.get(key));
  for (const tag of parts.customTags) {
    const value = tagValue(tag, context);
    if (value !== "") writeMapEntry(writer, 22, tag.config.tag, value);
  }
  writer.uint(24, streamInfo.upstream.attemptCount);
  writer.string(25, streamInfo.connectionTerminationDetails);
  writer.string(26, streamIdOf(context));
  writer.uint(29, streamInfo.downstreamWireBytesSent);
  writer.uint(30, streamInfo.downstreamWireBytesReceived);
  writer.uint(31, streamInfo.upstreamWireBytesSent);
  writer.uint(32, streamInfo.upstreamWireBytesReceived);
  writer.uint(33, ACCESS_LOG_TYPE_NUMBERS.get(streamInfo.accessLogType) ?? 0);
}

function writeDownstream(writer: MessageWriter, info: StreamInfo): void {
  const { downstream } = info;
  if (downstream === null) return;
  writeAddress(writer, 2, info.remoteAddress ?? clientAddress(downstream));
  writeAddress(writer, 3, downstream.localAddress);
  writeAddress(writer, 20, downstream.directRemoteAddress);
  const { tls } = downstream;
  writer.string(28, tls?.failureReason ?? "");
  if (tls === null || tls === undefined) return;
  const message = writer.begin(4);
  writeTlsProperties(writer, tls, downstream);
  writer.end(message);
}

/** Points in time are told by how long after the start they were. */
function writeTimes(writer: MessageWriter, info: StreamInfo): void {
  const { startMs } = info;
  writeMilliseconds(writer, 5, info.startTimeMs);
  writeSpan(writer, 6, startMs, info.lastDownstreamRxByteMs);
  writeSpan(writer, 7, startMs, info.firstUpstreamTxByteMs);
  writeSpan(writer, 8, startMs, info.lastUpstreamTxByteMs);
  writeSpan(writer, 9, startMs, info.firstUpstreamRxByteMs);
  writeSpan(writer, 10, startMs, info.lastUpstreamRxByteMs);
  writeSpan(writer, 11, startMs, info.firstDownstreamTxByteMs);
  writeSpan(writer, 12, startMs, info.lastDownstreamTxByteMs);
  writeSpan(writer, 23, startMs, info.endMs);
  writer.bool(27, info.endMs < 0);
}

function writeUpstream(writer: MessageWriter, { upstream }: StreamInfo): void {
  writeAddress(writer, 13, upstream.hostAddress);
  writeAddress(writer, 14, upstream.localAddress);
  // Of the chosen host, so without one there is none.
  if (upstream.hostAddress !== null) writer.string(15, toByteString(upstream.clusterName));
  writer.string(18, upstream.transportFailureReason);
}

/** `envoy.config.core.v3.Metadata`, without what is typed: nobody sets it. */
function writeMetadata(writer: MessageWriter, { dynamicMetadata }: StreamInfo): void {
  if (dynamicMetadata === null) return;
  const metadata = writer.begin(17);
  for (const [namespace, fields] of Object.entries(dynamicMetadata)) {
    const entry = writer.begin(1);
    writer.string(1, toByteString(namespace));
    const struct = writer.begin(2);
    writeStruct(writer, fields);
    writer.end(struct);
    writer.end(entry);
  }
  writer.end(metadata);
}
