/** The part of `:path` that routes look at: without query and fragment, and without `;parameters` where asked for. */
export function pathToMatch(path: string, ignoreParameters: boolean): string {
  const plain = pathOnly(path);
  return ignoreParameters && plain.includes(";") ? plain.replace(PARAMETERS, "") : plain;
}

/** The path without query and fragment. */
export function pathOnly(path: string): string {
  let end = path.indexOf("?");
  const fragment = path.indexOf("#");
  if (fragment >= 0 && (end < 0 || fragment < end)) end = fragment;
  return end < 0 ? path : path.slice(0, end);
}

/** RFC 3986, section 3.3: parameters belong to their segment. */
const PARAMETERS = /;[^/]*/g;
