import type { HeaderMap } from "@nuncio/codec";
import { TextCommand } from "../command.ts";
import type { CommandTable, ParsedCommand } from "../command.ts";
import { percentDecode, percentDecodeVisible } from "../percent-encoding.ts";

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
        return query === null || form === "ORIG" ? query : percentDecodeVisible(query);
      }, maxLength),
  },
};

function parsePath(params: string): ParsedCommand {
  const [query = "", source = ""] = params.split(":");
  if (!["", "WQ", "NQ"].includes(query))
    return { error: `Invalid PATH option: '${query}', only 'WQ'/'NQ' are allowed` };
  if (!["", "ORIG", "PATH", "ORIG_OR_PATH"].includes(source)) {
    return {
      error: `Invalid PATH option: '${source}', only 'ORIG'/'PATH'/'ORIG_OR_PATH' are allowed`,
    };
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

/** Without the question mark; null when there is none. */
function queryOf(headers: HeaderMap | null): string | null {
  if (headers === null) return null;
  const mark = headers.path.indexOf("?");
  return mark < 0 ? null : headers.path.slice(mark + 1);
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
