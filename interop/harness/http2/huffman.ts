/**
 * The Huffman code of HPACK (RFC 7541, appendix B). It is canonical: shorter codes first, equally long ones in the order of
 * their symbols, so that the lengths say all. One character a symbol, base 36; the last is the end of string.
 */
const LENGTHS =
  "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6cad67777777777777777777777878djde6f56565666577666567655677777fbed" +
  "skmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmnlmnnkmmmnmmnqqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrqu";
const END_OF_STRING = 256;

/** From `length:code` to the symbol. */
const SYMBOLS = buildSymbols();

/** Decodes a string. Throws on padding that is none, and on an end of string within. */
export function decodeHuffman(bytes: Buffer): string {
  const out: number[] = [];
  let code = 0;
  let length = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      code = code * 2 + ((byte >> bit) & 1);
      length += 1;
      const symbol = SYMBOLS.get(`${length}:${code}`);
      if (symbol === undefined) continue;
      if (symbol === END_OF_STRING) throw new Error("end of string within a Huffman string");
      out.push(symbol);
      code = 0;
      length = 0;
    }
  }
  if (length > 7 || code !== 2 ** length - 1) throw new Error("bad padding of a Huffman string");
  return Buffer.from(out).toString("latin1");
}

function buildSymbols(): ReadonlyMap<string, number> {
  const lengths = Array.from(LENGTHS, (digit) => Number.parseInt(digit, 36));
  const order = lengths
    .map((_, symbol) => symbol)
    .sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  const symbols = new Map<string, number>();
  let code = 0;
  let before = 0;
  for (const symbol of order) {
    const length = lengths[symbol]!;
    code *= 2 ** (length - before);
    before = length;
    symbols.set(`${length}:${code}`, symbol);
    code += 1;
  }
  return symbols;
}
