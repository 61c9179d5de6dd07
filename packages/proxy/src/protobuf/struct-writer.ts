import { toByteString } from "../observe/format/byte-string.ts";
import type { MessageWriter } from "./message-writer.ts";

/** The fields of a `google.protobuf.Struct`: JSON data, as metadata has it. */
export function writeStruct(writer: MessageWriter, fields: object): void {
  for (const [key, value] of Object.entries(fields)) {
    const entry = writer.begin(1);
    writer.string(1, toByteString(key));
    const message = writer.begin(2);
    writeValue(writer, value);
    writer.end(message);
    writer.end(entry);
  }
}

/** The fields of a `google.protobuf.Value`. */
function writeValue(writer: MessageWriter, value: unknown): void {
  switch (typeof value) {
    case "number":
      writer.presentDouble(2, value);
      return;
    case "string":
      writer.presentString(3, toByteString(value));
      return;
    case "boolean":
      writer.presentBool(4, value);
      return;
    case "object":
      if (value !== null) {
        writeNested(writer, value);
        return;
      }
      break;
    default:
      break;
  }
  writer.presentUint(1, 0);
}

function writeNested(writer: MessageWriter, value: object): void {
  if (!Array.isArray(value)) {
    const struct = writer.begin(5);
    writeStruct(writer, value);
    writer.end(struct);
    return;
  }
  const list = writer.begin(6);
  for (const item of value) {
    const element = writer.begin(1);
    writeValue(writer, item);
    writer.end(element);
  }
  writer.end(list);
}
