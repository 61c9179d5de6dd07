/** How the body of a message ends (RFC 9112 6.3). */
export const BodyKind = {
  /** There is none. */
  None: 0,
  /** After `content-length` bytes. */
  Length: 1,
  /** With the last chunk and the trailers. */
  Chunked: 2,
  /** With the connection: a response without length, or bytes after a switch of protocols. */
  UntilClose: 3,
} as const;
export type BodyKind = (typeof BodyKind)[keyof typeof BodyKind];

/** The number in a `content-length` value, digits only; -1 when it is no number or above 2^53 - 1. */
export function parseContentLength(value: string): number {
  if (value.length === 0) return -1;
  let length = 0;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code < 48 || code > 57) return -1;
    length = length * 10 + code - 48;
    if (length > Number.MAX_SAFE_INTEGER) return -1;
  }
  return length;
}

/** The only transfer coding there is: `chunked`, once, without parameters. */
export function isChunked(value: string): boolean {
  return value === "chunked" || value.toLowerCase() === "chunked";
}
