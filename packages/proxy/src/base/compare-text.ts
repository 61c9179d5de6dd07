/** The order of two texts for `sort`: by code unit (by byte in byte strings), not by the language of the machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
