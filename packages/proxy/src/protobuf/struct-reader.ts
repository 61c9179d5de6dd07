import { MessageReader } from "./message-reader.ts";
import { readText } from "./read-text.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Values in values; protobuf's own limit on messages in messages. */
const DEPTH_MAX = 100;

/** A `google.protobuf.Struct` as JSON data; undefined when it is none. */
export function readStruct(bytes: Buffer, depth = 0): { [key: string]: Json } | undefined {
  if (depth > DEPTH_MAX) return undefined;
  // Without a prototype any name is just a name.
  const struct = Object.create(null) as { [key: string]: Json };
  const reader = new MessageReader(bytes);
  while (reader.next()) {
    if (reader.field !== 1 || reader.bytes === null) continue;
    const entry = readEntry(reader.bytes, depth);
    if (entry === undefined) return undefined;
    struct[entry[0]] = entry[1];
  }
  return reader.malformed ? undefined : struct;
}

function readEntry(bytes: Buffer, depth: number): [string, Json] | undefined {
  let key: string | null = "";
  let value: Json | undefined = null;
  const reader = new MessageReader(bytes);
  while (reader.next()) {
    if (reader.bytes === null) continue;
    if (reader.field === 1) key = readText(reader.bytes);
    else if (reader.field === 2) value = readValue(reader.bytes, depth + 1);
    if (key === null || value === undefined) return undefined;
  }
  return reader.malformed ? undefined : [key, value];
}

/** A `google.protobuf.Value`; one without a kind is null. */
function readValue(bytes: Buffer, depth: number): Json | undefined {
  if (depth > DEPTH_MAX) return undefined;
  let value: Json | undefined = null;
  const reader = new MessageReader(bytes);
  while (reader.next()) {
    const { field } = reader;
    if (field === 1 && reader.varint !== null) value = null;
    else if (field === 2 && reader.double !== null) value = reader.double;
    else if (field === 4 && reader.varint !== null) value = reader.varint !== 0;
    else if (reader.bytes !== null) value = readNested(field, reader.bytes, value, depth);
    if (value === undefined) return undefined;
  }
  return reader.malformed ? undefined : value;
}

function readNested(field: number, bytes: Buffer, before: Json, depth: number): Json | undefined {
  switch (field) {
    case 3:
      return readText(bytes) ?? undefined;
    case 5:
      return readStruct(bytes, depth + 1);
    case 6:
      return readList(bytes, depth + 1);
    default:
      return before;
  }
}

function readList(bytes: Buffer, depth: number): Json[] | undefined {
  const list: Json[] = [];
  const reader = new MessageReader(bytes);
  while (reader.next()) {
    if (reader.field !== 1 || reader.bytes === null) continue;
    const value = readValue(reader.bytes, depth);
    if (value === undefined) return undefined;
    list.push(value);
  }
  return reader.malformed ? undefined : list;
}
