/** Characters of one piece of output: small enough that main does other work in between. */
const CHUNK_CHARS = 32 * 1024;
/** Empty texts (scopes or metrics that were looked at and gave nothing) after which a piece ends all the same. */
const BREATHERS = 16;

/** Joins small texts into pieces of about `CHUNK_CHARS`. A piece may be empty: then it is only a pause. */
export function* inChunks(texts: Iterable<string>): Generator<string> {
  let chunk = "";
  let breathers = 0;
  for (const text of texts) {
    if (text === "") breathers++;
    else chunk += text;
    if (chunk.length >= CHUNK_CHARS || breathers >= BREATHERS) {
      yield chunk;
      chunk = "";
      breathers = 0;
    }
  }
  if (chunk !== "") yield chunk;
}
