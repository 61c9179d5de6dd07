import type { FormatContext } from "../../../observe/stream-info.ts";
import type { MessageWriter } from "../../../protobuf/message-writer.ts";
import { writeCommon, type EntryParts } from "./common-properties.ts";

/** The fields of `envoy.data.accesslog.v3.TCPAccessLogEntry`. */
export function writeTcpEntry(
  writer: MessageWriter,
  context: FormatContext,
  parts: EntryParts,
): void {
  const common = writer.begin(1);
  writeCommon(writer, context, parts);
  writer.end(common);
  const connection = writer.begin(2);
  writer.uint(1, context.streamInfo.bytesReceived);
  writer.uint(2, context.streamInfo.bytesSent);
  writer.end(connection);
}
