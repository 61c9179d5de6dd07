import { CODE_LENGTHS, CODES } from "./huffman-code.ts";

let scratch = Buffer.allocUnsafeSlow(4096);

/** `text` in the code of RFC 7541 appendix B, as Latin-1 text; null when that is not shorter. */
export function encodeHuffman(text: string): string | null {
  // What is not shorter is given up, so that nothing is written behind this.
  if (text.length > scratch.length) scratch = Buffer.allocUnsafeSlow(text.length * 2);
  const to = scratch;
  const most = text.length;
  let length = 0;
  // The lowest `count` bits of `bits` are not written yet; at most 7 before a symbol, of which the top ones may be lost.
  let bits = 0;
  let count = 0;
  for (let i = 0; i < most; i++) {
    const symbol = text.charCodeAt(i) & 0xff;
    const codeBits = CODE_LENGTHS[symbol]!;
    if (codeBits > 24) return null;
    bits = (bits << codeBits) | CODES[symbol]!;
    count += codeBits;
    while (count >= 8) {
      if (length >= most) return null;
      count -= 8;
      to[length++] = bits >>> count;
    }
  }
  if (count > 0) {
    if (length >= most) return null;
    to[length++] = (bits << (8 - count)) | (0xff >>> count);
  }
  return length < most ? to.latin1Slice(0, length) : null;
}
