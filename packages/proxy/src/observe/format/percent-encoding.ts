/** Decodes every well-formed `%xx` to its byte; anything else stays. Takes and gives byte strings. */
export function percentDecode(text: string): string {
  let out = "";
  let from = 0;
  for (let i = text.indexOf("%"); i >= 0; i = text.indexOf("%", i + 1)) {
    const byte = hexByte(text, i + 1);
    if (byte < 0) continue;
    out += text.slice(from, i) + String.fromCharCode(byte);
    from = i + 3;
    i += 2;
  }
  return from === 0 ? text : out + text.slice(from);
}

/** What Envoy's `%QUERY_PARAMS(DECODED)%` does: only escapes of visible ASCII are decoded, a stray `%` is dropped. */
export function percentDecodeVisible(text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== "%") {
      out += text[i];
      continue;
    }
    const byte = hexByte(text, i + 1);
    if (byte < 0) continue;
    out += byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : text.slice(i, i + 3);
    i += 2;
  }
  return out;
}

function hexByte(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/** -1 for anything else, the NaN beyond the end included. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
