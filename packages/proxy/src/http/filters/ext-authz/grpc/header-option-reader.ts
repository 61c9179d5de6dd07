import { MessageReader } from "../../../../protobuf/message-reader.ts";
import { readKeyValue } from "./key-value-reader.ts";

/** `HeaderValueOption.HeaderAppendAction` */
export const AppendOption = {
  AppendIfExistsOrAdd: 0,
  AddIfAbsent: 1,
  OverwriteIfExistsOrAdd: 2,
  OverwriteIfExists: 3,
} as const;

/** A `HeaderValueOption` as far as Envoy looks at it here: `raw_value` and `keep_empty_value` say nothing. */
export interface HeaderOption {
  /** Lower case. */
  readonly name: string;
  readonly value: string;
  /** Null when it is not said. */
  readonly append: boolean | null;
  /** One of `AppendOption`, or a number that there is not. */
  readonly appendAction: number;
}

/** Null when it is none. */
export function readHeaderOption(bytes: Buffer): HeaderOption | null {
  let header: readonly [string, string] | null = ["", ""];
  let append: boolean | null = null;
  let appendAction = 0;
  const reader = new MessageReader(bytes);
  while (reader.next()) {
    const { field, bytes: inner, varint } = reader;
    if (field === 1 && inner !== null) header = readKeyValue(inner);
    else if (field === 2 && inner !== null) append = readBool(inner);
    else if (field === 3 && varint !== null) appendAction = varint;
    if (header === null) return null;
  }
  if (reader.malformed) return null;
  return { name: header[0].toLowerCase(), value: header[1], append, appendAction };
}

/** `google.protobuf.BoolValue` */
function readBool(bytes: Buffer): boolean {
  let value = false;
  const reader = new MessageReader(bytes);
  while (reader.next())
    if (reader.field === 1 && reader.varint !== null) value = reader.varint !== 0;
  return value;
}
