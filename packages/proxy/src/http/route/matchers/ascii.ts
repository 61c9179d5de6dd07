/** Lower case for ASCII letters only, as Envoy compares hosts, paths and header values. */
export function lowerAscii(text: string): string {
  return UPPER.test(text) ? text.replace(UPPERS, lowerLetter) : text;
}

const UPPER = /[A-Z]/;
const UPPERS = /[A-Z]+/g;

function lowerLetter(letters: string): string {
  return letters.toLowerCase();
}
