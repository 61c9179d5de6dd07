import type { RequestText } from "@nuncio/proxy";

type Fields = { readonly [name: string]: unknown };
type HeaderLine = readonly [name: string, value: string];

/** A line of a file of requests, `{method, url, headers, source}`; a text says what is wrong with it. */
export function requestOfLine(value: unknown): RequestText | string {
  if (!isObject(value)) return "expected a JSON object";
  const { url, method = "", source = "", headers = {} } = value;
  if (typeof url !== "string") return `url: expected a text, got ${JSON.stringify(url)}`;
  if (typeof method !== "string") return `method: expected a text, got ${JSON.stringify(method)}`;
  if (typeof source !== "string") return `source: expected a text, got ${JSON.stringify(source)}`;
  const lines = readHeaders(headers);
  return typeof lines === "string" ? lines : { url, method, source, headers: lines };
}

/** An entry of a HAR file. What HTTP/2 calls `:authority` is Host here, and its other pseudo headers are left out. */
export function requestOfHar(value: unknown): RequestText | string {
  const request = isObject(value) ? value["request"] : undefined;
  if (!isObject(request)) return "request: expected an object";
  const read = requestOfLine({
    url: request["url"],
    method: request["method"],
    headers: request["headers"] ?? [],
  });
  if (typeof read === "string") return `request.${read}`;
  const headers = (read.headers ?? [])
    .map(([name, text]): HeaderLine => [name === ":authority" ? "host" : name, text])
    .filter(([name]) => !name.startsWith(":"));
  return { ...read, headers };
}

/** `{name: value}`, `{name: [value, …]}`, `[[name, value], …]` or `[{name, value}, …]`. */
function readHeaders(headers: unknown): HeaderLine[] | string {
  const lines: unknown[] = Array.isArray(headers)
    ? headers.map((each: unknown) => (isObject(each) ? [each["name"], each["value"]] : each))
    : isObject(headers)
      ? Object.entries(headers).flatMap(([name, value]) =>
          Array.isArray(value) ? value.map((each: unknown) => [name, each]) : [[name, value]],
        )
      : [headers];
  const wrong = lines.find((line) => !isHeaderLine(line));
  return wrong === undefined
    ? (lines as HeaderLine[])
    : `headers: expected names and values, got ${JSON.stringify(wrong)}`;
}

function isHeaderLine(line: unknown): boolean {
  return Array.isArray(line) && line.length === 2 && line.every((part) => typeof part === "string");
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
