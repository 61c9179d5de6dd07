import { MessageReader } from "../../../../protobuf/message-reader.ts";
import { readByteString } from "../../../../protobuf/read-text.ts";

/** A `HeaderValue` or `QueryParameter`: field 1 is its name, field 2 its value. Byte strings; null when it is none. */
export function readKeyValue(bytes: Buffer): readonly [key: string, value: string] | null {
  let key: string | null = "";
  let value: string | null = "";
  const reader = new MessageReader(bytes);
  while (reader.next()) {
    if (reader.bytes === null) continue;
    if (reader.field === 1) key = readByteString(reader.bytes);
    else if (reader.field === 2) value = readByteString(reader.bytes);
    if (key === null || value === null) return null;
  }
  return reader.malformed ? null : [key, value];
}
