/** A violation of HPACK by the peer: it ends the connection with COMPRESSION_ERROR (RFC 7541 2.2, RFC 9113 4.3). */
export interface HpackError {
  /** What was wrong, for the log. */
  readonly message: string;
}

/** Every violation that the decoder reports. */
export const HpackErrors = {
  Truncated: { message: "header block ends inside a field" },
  IntegerTooLarge: { message: "integer does not fit" },
  /** Index 0, or behind the last entry of the dynamic table. */
  InvalidIndex: { message: "index is in neither table" },
  InvalidHuffman: { message: "huffman code is not valid, or not padded with its end" },
  StringTooLong: { message: "string is longer than the limit" },
  SizeUpdateTooLarge: { message: "table size update is above the setting" },
  SizeUpdateMisplaced: { message: "table size update behind a field" },
  SizeUpdateMissing: { message: "no table size update although the setting was lowered" },
} as const satisfies { readonly [name: string]: HpackError };
