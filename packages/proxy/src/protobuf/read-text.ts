import { isUtf8 } from "node:buffer";

/** A field of type `string`; null for bytes that are no UTF-8, which make the whole message none. */
export function readText(bytes: Buffer): string | null {
  return isUtf8(bytes) ? bytes.toString("utf8") : null;
}

/** The same as a byte string, as headers are. */
export function readByteString(bytes: Buffer): string | null {
  return isUtf8(bytes) ? bytes.toString("latin1") : null;
}
