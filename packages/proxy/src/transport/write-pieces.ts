/**
 * The argument of a handle's `writev`: `text`, then `data` in pieces of `pieceBytes`, each behind its head. Without heads the
 * data is one piece. All text is Latin-1.
 */
export function piecesOf(
  text: string,
  heads: readonly string[],
  data: Buffer,
  pieceBytes: number,
): unknown[] {
  if (heads.length === 0) return [text, "latin1", data, "buffer"];
  const chunks: unknown[] = [];
  for (let i = 0; i < heads.length; i++) {
    const at = i * pieceBytes;
    const head = i === 0 ? text + heads[0]! : heads[i]!;
    chunks.push(head, "latin1", data.subarray(at, at + pieceBytes), "buffer");
  }
  return chunks;
}
