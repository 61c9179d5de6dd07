const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;
/** What Envoy's number parser takes: spaces around, a sign, leading zeros. */
const INTEGER = /^[\t\n\v\f\r ]*([+-]?)(\d+)[\t\n\v\f\r ]*$/;

/** A signed 64-bit integer; null for anything else. */
export function parseInteger(text: string): bigint | null {
  const value = parse(text);
  return value !== null && value >= MIN_INT64 && value <= MAX_INT64 ? value : null;
}

/** An unsigned 64-bit integer; null for anything else, minus signs included. */
export function parseUnsigned(text: string): bigint | null {
  const value = text.includes("-") ? null : parse(text);
  return value !== null && value <= MAX_UINT64 ? value : null;
}

function parse(text: string): bigint | null {
  // A 64-bit number has 20 digits; more of them are zeros or too many.
  if (text.length > 64) return null;
  const parts = INTEGER.exec(text);
  if (parts === null) return null;
  const value = BigInt(parts[2]!);
  return parts[1] === "-" ? -value : value;
}
