import { filterStateTextOf } from "../../../observe/filter-state-object.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import type { MessageWriter } from "../../../protobuf/message-writer.ts";

const STRING_VALUE = "type.googleapis.com/google.protobuf.StringValue";

/** An entry of `map<string, google.protobuf.Any>` for an object of the filter state that has a text; nothing for others. */
export function writeFilterState(
  writer: MessageWriter,
  field: number,
  key: string,
  object: unknown,
): void {
  const text = filterStateTextOf(object);
  if (text === null) return;
  const entry = writer.begin(field);
  writer.string(1, toByteString(key));
  const any = writer.begin(2);
  writer.string(1, STRING_VALUE);
  const value = writer.begin(2);
  writer.string(1, toByteString(text));
  writer.end(value);
  writer.end(any);
  writer.end(entry);
}
