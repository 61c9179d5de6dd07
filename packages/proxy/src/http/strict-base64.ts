/** A byte string in base64, with padding. */
export function encodeBase64(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("base64");
}

/** The byte string of one in base64; empty where the text is not exactly what `encodeBase64` gives, as in Envoy. */
export function decodeBase64(text: string): string {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes.toString("latin1") : "";
}
