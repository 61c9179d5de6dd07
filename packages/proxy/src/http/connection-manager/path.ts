/**
 * Path normalisation as Envoy has it from Chromium's URL library (RFC 3986, section 6): unreserved characters are decoded,
 * dot segments and `..;x` removed, `\` becomes `/`. The query is left alone. Null when the result is no path.
 */
export function normalizePath(target: string): string | null {
  const queryAt = target.indexOf("?");
  const path = queryAt < 0 ? target : target.slice(0, queryAt);
  if (!NEEDS_WORK.test(path)) return target;
  const decoded = decodeUnreserved(path);
  if (decoded === null) return null;
  const out: string[] = [];
  const segments = decoded.replaceAll("\\", "/").slice(1).split("/");
  segments.forEach((segment, index) => {
    const last = index === segments.length - 1;
    const parameter = segment.indexOf(";");
    const name = parameter < 0 ? segment : segment.slice(0, parameter);
    if (segment === "." || name === "..") {
      if (name === "..") out.pop();
      if (last) out.push("");
    } else {
      out.push(segment);
    }
  });
  return `/${out.join("/")}${queryAt < 0 ? "" : target.slice(queryAt)}`;
}

/** Most paths have nothing to normalise. */
const NEEDS_WORK = /[%\\]|\/\.|[^\x21-\x7e]/;

function decodeUnreserved(path: string): string | null {
  if (!path.includes("%")) return path;
  let valid = true;
  const out = path.replace(/%(..)?/g, (whole, hex: string | undefined) => {
    if (hex === undefined || !/^[0-9a-fA-F]{2}$/.test(hex)) {
      // Chromium leaves a bad escape as it is, but %00 makes a path invalid.
      return whole;
    }
    const code = Number.parseInt(hex, 16);
    if (code === 0) valid = false;
    const char = String.fromCharCode(code);
    return /[A-Za-z0-9\-._~]/.test(char) ? char : whole;
  });
  return valid ? out : null;
}

/** `/a%2Fb%5cc?x=%2F` → `/a/b\c?x=%2F`; a path without escaped slashes comes back as it is. */
export function unescapeSlashes(target: string): string {
  if (!ESCAPED_SLASH.test(target)) return target;
  const queryAt = target.indexOf("?");
  const path = queryAt < 0 ? target : target.slice(0, queryAt);
  const unescaped = path.replace(/%2f/gi, "/").replace(/%5c/gi, "\\");
  return unescaped + (queryAt < 0 ? "" : target.slice(queryAt));
}

const ESCAPED_SLASH = /%(?:2f|5c)/i;

/** `//a///b?x=//` → `/a/b?x=//`. */
export function mergeSlashes(target: string): string {
  const queryAt = target.indexOf("?");
  const path = queryAt < 0 ? target : target.slice(0, queryAt);
  if (!path.includes("//")) return target;
  return path.replace(/\/{2,}/g, "/") + (queryAt < 0 ? "" : target.slice(queryAt));
}
