import type { Address } from "../observe/stream-info.ts";
import type { MessageWriter } from "./message-writer.ts";

// Fields that stand in messages of several services. Numbers are those of the descriptors, which tests hold against them.

/** Milliseconds since the epoch, in a double, are not finer. */
const MICROS_PER_MS = 1000;
const NANOS_PER_MICRO = 1000;
const NANOS_PER_S = 1_000_000_000;
const MS_PER_S = 1000;

/** `envoy.config.core.v3.Address`; null: nothing. */
export function writeAddress(writer: MessageWriter, field: number, address: Address | null): void {
  if (address === null) return;
  const message = writer.begin(field);
  const isPipe = address.ip === address.text;
  const inner = writer.begin(isPipe ? 2 : 1);
  if (isPipe) writer.string(1, address.text);
  else {
    writer.string(2, address.ip);
    writer.presentUint(3, address.port);
  }
  writer.end(inner);
  writer.end(message);
}

/** `google.protobuf.Duration` from one instant to another, both in milliseconds; nothing when that was not reached (-1). */
export function writeSpan(
  writer: MessageWriter,
  field: number,
  fromMs: number,
  toMs: number,
): void {
  if (toMs < 0) return;
  writeMilliseconds(writer, field, Math.max(0, toMs - fromMs));
}

/** `google.protobuf.Duration` or `Timestamp` of so many milliseconds. */
export function writeMilliseconds(writer: MessageWriter, field: number, ms: number): void {
  const message = writer.begin(field);
  let seconds = Math.floor(ms / MS_PER_S);
  let nanos = Math.round((ms - seconds * MS_PER_S) * MICROS_PER_MS) * NANOS_PER_MICRO;
  if (nanos >= NANOS_PER_S) {
    seconds++;
    nanos = 0;
  }
  writer.uint(1, seconds);
  writer.uint(2, nanos);
  writer.end(message);
}

/** An entry of a `map<string, string>`. */
export function writeMapEntry(
  writer: MessageWriter,
  field: number,
  key: string,
  value: string,
): void {
  const entry = writer.begin(field);
  writer.string(1, key);
  writer.string(2, value);
  writer.end(entry);
}

/** `google.protobuf.UInt32Value`. */
export function writeUintWrapper(writer: MessageWriter, field: number, value: number): void {
  const message = writer.begin(field);
  writer.uint(1, value);
  writer.end(message);
}
