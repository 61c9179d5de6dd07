const QUAD = 4;

/**
 * Base64 that comes in pieces, as strictly as Envoy reads it: the usual alphabet, padding only at the end of a piece, no
 * bits behind the last byte.
 */
export class Base64Decoder {
  /** Characters that make no byte yet. */
  #rest = "";

  /** The bytes that came to an end with this piece; null when it is no base64. */
  decode(piece: Buffer): Buffer | null {
    const text = this.#rest + piece.toString("latin1");
    const whole = text.length - (text.length % QUAD);
    this.#rest = text.slice(whole);
    const quads = text.slice(0, whole);
    const bytes = Buffer.from(quads, "base64");
    return bytes.toString("base64") === quads ? bytes : null;
  }

  /** Nothing is missing. */
  get complete(): boolean {
    return this.#rest === "";
  }
}
