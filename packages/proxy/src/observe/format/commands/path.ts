import type { HeaderMap } from "@nuncio/codec";
import { TextCommand } from "../command.ts";
import type { CommandTable, ParsedCommand } from "../command.ts";

/** The path and its query. */
export const pathCommands: CommandTable = {
  PATH: {
    params: "optional",
    length: true,
    parse: parsePath,
    build: ([query, source], maxLength) =>
      new TextCommand((context) => {
        if (context.requestHeaders === null) return null;
        const path = requestPath(context.requestHeaders, source as string);
        if (path === null || query === "WQ") return path;
        const mark = path.indexOf("?");
        return mark < 0 ? path : path.slice(0, mark);
      }, maxLength),
  },
  QUERY_PARAM: {
    params: "required",
    length: true,
    build: ([name], maxLength) =>
      new TextCommand((context) => {
        const query = queryOf(context.requestHeaders);
        return query === null ? null : queryParameter(query, name as string);
      }, maxLength),
  },
  QUERY_PARAMS: {
    params: "optional",
    length: true,
    parse: parseQueryParameters,
    build: ([form], maxLength) =>
      new TextCommand((context) => {
        const query = queryOf(context.requestHeaders);
        return query === null || form === "ORIG" ? query : decodeVisible(query);
      }, maxLength),
  },
};

function parsePath(params: string): ParsedCommand {
  const [query = "", source = "", ...rest] = params.split(":");
  if (rest.length > 0) return { error: `Invalid PATH parameters: '${params}', expected 'X:Y'` };
  if (!["", "WQ", "NQ"].includes(query)) return { error: `Invalid PATH option: '${query}', only 'WQ'/'NQ' are allowed` };
  if (!["", "ORIG", "PATH", "ORIG_OR_PATH"].includes(source)) {
    return { error: `Invalid PATH option: '${source}', only 'ORIG'/'PATH'/'ORIG_OR_PATH' are allowed` };
  }
  return { args: [query || "WQ", source || "ORIG_OR_PATH"] };
}

function parseQueryParameters(params: string): ParsedCommand {
  if (!["", "ORIG", "DECODED"].includes(params)) {
    return { error: `Invalid QUERY_PARAMS option: '${params}', only 'ORIG'/'DECODED' are allowed` };
  }
  return { args: [params || "ORIG"] };
}

function requestPath(headers: HeaderMap, source: string): string | null {
  if (source === "PATH") return headers.path || null;
  const original = headers.get("x-envoy-original-path");
  if (original !== undefined) return original;
  return source === "ORIG" ? null : headers.path || null;
}

/** Without the question mark; null when there is none, or nothing behind it. */
function queryOf(headers: HeaderMap | null): string | null {
  if (headers === null) return null;
  const mark = headers.path.indexOf("?");
  return mark < 0 || mark === headers.path.length - 1 ? null : headers.path.slice(mark + 1);
}

/** The first value of a parameter, percent-decoded; names are compared decoded. `+` stays `+`, as in Envoy. */
function queryParameter(query: string, name: string): string | null {
  let from = 0;
  while (from <= query.length) {
    const ampersand = query.indexOf("&", from);
    const to = ampersand < 0 ? query.length : ampersand;
    const equals = query.indexOf("=", from);
    const nameEnd = equals < 0 || equals > to ? to : equals;
    if (percentDecode(query.slice(from, nameEnd)) === name) {
      return nameEnd === to ? "" : percentDecode(query.slice(nameEnd + 1, to));
    }
    from = to + 1;
  }
  return null;
}

/** Decodes every well-formed `%xx` to its byte; anything else stays. */
function percentDecode(text: string): string {
  let out = "";
  let from = 0;
  for (let i = text.indexOf("%"); i >= 0; i = text.indexOf("%", i + 1)) {
    const byte = hexByte(text, i + 1);
    if (byte < 0) continue;
    out += text.slice(from, i) + String.fromCharCode(byte);
    from = i + 3;
    i += 2;
  }
  return from === 0 ? text : out + text.slice(from);
}

/** What Envoy's DECODED does: only escapes of visible ASCII are decoded, a stray `%` is dropped. */
function decodeVisible(text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== "%") {
      out += text[i];
      continue;
    }
    const byte = hexByte(text, i + 1);
    if (byte < 0) continue;
    out += byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : text.slice(i, i + 3);
    i += 2;
  }
  return out;
}

function hexByte(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/** -1 for anything else, the NaN beyond the end included. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
