/** How many bytes a variable-length integer has, by the first of them (RFC 9000 16). */
export function varintBytes(first: number): 1 | 2 | 4 | 8 {
  return (1 << (first >> 6)) as 1 | 2 | 4 | 8;
}

/** The integer that begins at `at` and is there as a whole. Above 2^53 it is near the true one. */
export function readVarint(buffer: Buffer, at: number): number {
  const bytes = varintBytes(buffer[at]!);
  let value = buffer[at]! & 0x3f;
  for (let i = 1; i < bytes; i++) value = value * 256 + buffer[at + i]!;
  return value;
}

/** The shortest form of an integer below 2^30, as a byte string. */
export function varintText(value: number): string {
  if (value < 0x40) return String.fromCharCode(value);
  if (value < 0x4000) return String.fromCharCode(0x40 | (value >> 8), value & 0xff);
  return String.fromCharCode(
    0x80 | (value >> 24),
    (value >> 16) & 0xff,
    (value >> 8) & 0xff,
    value & 0xff,
  );
}
