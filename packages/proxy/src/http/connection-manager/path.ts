/**
 * Path normalisation as Envoy has it from Chromium's URL library (RFC 3986, section 6): unreserved characters are decoded,
 * others that a URI does not have are escaped, `\\` becomes `/`, dot segments are removed, those with parameters (`..;x`)
 * too. The query is left alone. Null when the result is no path.
 */
export function normalizePath(target: string): string | null {
  const queryAt = target.indexOf("?");
  const path = queryAt < 0 ? target : target.slice(0, queryAt);
  if (!NEEDS_WORK.test(path)) return target;
  const canonical = canonicalize(path.replace(DOT_PARAMETERS, "$1"));
  if (canonical === null) return null;
  const out: string[] = [];
  const segments = canonical.slice(1).split("/");
  segments.forEach((segment, index) => {
    if (segment !== "." && segment !== "..") {
      out.push(segment);
      return;
    }
    if (segment === "..") out.pop();
    if (index === segments.length - 1) out.push("");
  });
  return `/${out.join("/")}${queryAt < 0 ? "" : target.slice(queryAt)}`;
}

/** Most paths have nothing to normalise. */
const NEEDS_WORK = /[%\\"<>^`{|}]|\/\.|[^\x21-\x7e]/;

/** The parameters of a dot segment that stands there as such, not escaped and not behind a backslash. */
const DOT_PARAMETERS = /(\/\.\.?);[^/]*/g;

function canonicalize(path: string): string | null {
  let valid = true;
  const out = path.replace(
    /%([0-9a-fA-F]{2})|[^\x21-\x7e]|[\\"<>^`{|}]/g,
    (whole, hex: string | undefined) => {
      if (hex === undefined) return whole === "\\" ? "/" : escaped(whole);
      const code = Number.parseInt(hex, 16);
      if (code === 0) valid = false;
      const char = String.fromCharCode(code);
      return /[A-Za-z0-9\-._~]/.test(char) ? char : whole;
    },
  );
  return valid ? out : null;
}

function escaped(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
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
  // Envoy makes two of nothing but slashes: one in front and one behind.
  const merged = /^\/+$/.test(path) ? "//" : path.replace(/\/{2,}/g, "/");
  return merged + (queryAt < 0 ? "" : target.slice(queryAt));
}
