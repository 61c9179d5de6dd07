import { isUtf8 } from "node:buffer";

/** In the place of each byte that is no UTF-8, as in Envoy. */
const REPLACEMENT = 0x21;

/** Replaces each byte that is no part of a character, in place. */
export function makeUtf8(bytes: Buffer): void {
  if (isUtf8(bytes)) return;
  for (let at = 0; at < bytes.length;) {
    const size = characterBytes(bytes, at);
    if (size === 0) bytes[at++] = REPLACEMENT;
    else at += size;
  }
}

/** How long the character at `at` is; 0: there is none. */
function characterBytes(bytes: Buffer, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  const size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  return at + size <= bytes.length && isUtf8(bytes.subarray(at, at + size)) ? size : 0;
}
