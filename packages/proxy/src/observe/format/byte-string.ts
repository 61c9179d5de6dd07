/**
 * Turns JavaScript text (configuration, host names) into a byte string: one character per UTF-8 byte. ASCII comes
 * back as it is.
 */
export function toByteString(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return Buffer.from(text, "utf8").toString("latin1");
  }
  return text;
}
