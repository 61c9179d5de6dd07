/** Every octet as text. */
export const OCTETS: readonly string[] = Array.from({ length: 256 }, (_, octet) =>
  String.fromCharCode(octet),
);

/** An integer (RFC 7541 5.1) behind the bits of `flags`; `mask` has the bits that are left to it. */
export function integerText(flags: number, mask: number, value: number): string {
  if (value < mask) return OCTETS[flags | value]!;
  let text = OCTETS[flags | mask]!;
  let rest = value - mask;
  for (; rest > 0x7f; rest >>>= 7) text += OCTETS[0x80 | (rest & 0x7f)]!;
  return text + OCTETS[rest]!;
}
