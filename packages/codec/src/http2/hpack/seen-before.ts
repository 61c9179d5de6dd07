const PLACES = 64;
const PRIME = 0x01000193;

/**
 * Remembers the last fields in a few hashes: whether one comes a second time while it is remembered. Nothing of the texts
 * is kept. That two different fields are taken for the same costs a place in a table and nothing else.
 */
export class SeenBefore {
  readonly #hashes = new Int32Array(PLACES);

  /** Whether the field was given to this before, not long ago; from now on it was. */
  see(name: string, value: string): boolean {
    let hash = name.length * PRIME + name.charCodeAt(name.length - 1);
    for (let i = 0; i < value.length; i++) hash = Math.imul(hash ^ value.charCodeAt(i), PRIME);
    hash ^= hash >>> 15;
    const place = hash & (PLACES - 1);
    if (this.#hashes[place] === hash) return true;
    this.#hashes[place] = hash;
    return false;
  }
}
