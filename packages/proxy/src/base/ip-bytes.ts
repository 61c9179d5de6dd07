const COLON = 58;
const DOT = 46;
const ZERO = 48;
const NINE = 57;

/**
 * Writes the bytes of an address without port, brackets or zone to `to`, and returns their number: 4, 16, or 0 for what is
 * no address. Strict as `inet_pton`: four decimal numbers without leading zeros; RFC 4291, section 2.2 for IPv6.
 */
export function parseIp(text: string, to: Uint8Array): 0 | 4 | 16 {
  if (text.length > LONGEST) return 0;
  if (!text.includes(":")) return parseV4(text, 0, to, 0) ? 4 : 0;
  return parseV6(text, to) ? 16 : 0;
}

/** `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`. */
const LONGEST = 45;

/** The dotted address that `text` ends with, from `start` on. */
function parseV4(text: string, start: number, to: Uint8Array, at: number): boolean {
  let parts = 0;
  let value = -1;
  for (let i = start; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : DOT;
    if (code === DOT) {
      if (value < 0 || parts === 4) return false;
      to[at + parts++] = value;
      value = -1;
    } else if (code < ZERO || code > NINE || value === 0) {
      return false;
    } else {
      value = (value < 0 ? 0 : value * 10) + code - ZERO;
      if (value > 255) return false;
    }
  }
  return parts === 4;
}

function parseV6(text: string, to: Uint8Array): boolean {
  let bytes = 0;
  /** Where `::` stands, in bytes; -1 for nowhere. */
  let gap = -1;
  let at = 0;
  if (text.startsWith("::")) {
    gap = 0;
    at = 2;
  }
  while (at < text.length) {
    if (bytes === 16) return false;
    const end = groupEnd(text, at);
    if (end < text.length && text.charCodeAt(end) === DOT) {
      if (bytes > 12 || !parseV4(text, at, to, bytes)) return false;
      bytes += 4;
      break;
    }
    const value = hexGroup(text, at, end);
    if (value < 0) return false;
    to[bytes++] = value >> 8;
    to[bytes++] = value & 255;
    if (end === text.length) break;
    // Behind a group stands a colon, and a group or a second colon behind that.
    at = end + 1;
    if (at === text.length) return false;
    if (text.charCodeAt(at) === COLON) {
      if (gap >= 0) return false;
      gap = bytes;
      at++;
    }
  }
  return gap < 0 ? bytes === 16 : fillGap(to, gap, bytes);
}

/** Where the group ends: at a colon, a dot, or the end of the text. */
function groupEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && text.charCodeAt(end) !== COLON && text.charCodeAt(end) !== DOT) end++;
  return end;
}

/** One to four hexadecimal digits; -1 for anything else. */
function hexGroup(text: string, start: number, end: number): number {
  if (end === start || end - start > 4) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = hexDigit(text.charCodeAt(i));
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function hexDigit(code: number): number {
  if (code >= ZERO && code <= NINE) return code - ZERO;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** Moves what stands behind `::` to the end; `::` stands for one group at least. */
function fillGap(to: Uint8Array, gap: number, bytes: number): boolean {
  if (bytes > 14) return false;
  to.copyWithin(16 - (bytes - gap), gap, bytes);
  to.fill(0, gap, 16 - (bytes - gap));
  return true;
}
