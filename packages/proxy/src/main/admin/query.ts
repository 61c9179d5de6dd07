/** Splits `a=b&c` and decodes percent escapes; broken ones stay as they are. The first of each name counts. */
export function parseQuery(query: string): Map<string, string> {
  const params = new Map<string, string>();
  for (const part of query.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = decode(equals === -1 ? part : part.slice(0, equals));
    if (!params.has(name)) params.set(name, equals === -1 ? "" : decode(part.slice(equals + 1)));
  }
  return params;
}

/** All values of one parameter, in order. */
export function parameterValues(query: string, name: string): string[] {
  return query.split("&").flatMap((part) => parseQuery(part).get(name) ?? []);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
