import { requestHeaderKey, type HeaderMap } from "@nuncio/codec";
import type { FormatContext } from "../../stream-info.ts";
import { NumberCommand, TextCommand } from "../command.ts";
import type { CommandDefinition, CommandTable, ParsedCommand } from "../command.ts";
import { headerByteSize } from "../header-byte-size.ts";

type HeaderSource = (context: FormatContext) => HeaderMap | null;

const requestHeaders: HeaderSource = (context) => context.requestHeaders;
const responseHeaders: HeaderSource = (context) => context.responseHeaders;
const responseTrailers: HeaderSource = (context) => context.responseTrailers;

/** Headers by name; the first line when there are several. */
export const headerCommands: CommandTable = {
  REQ: headerCommand(requestHeaders),
  REQUEST_HEADER: headerCommand(requestHeaders),
  RESP: headerCommand(responseHeaders),
  RESPONSE_HEADER: headerCommand(responseHeaders),
  TRAILER: headerCommand(responseTrailers),
  RESPONSE_TRAILER: headerCommand(responseTrailers),
  REQUEST_HEADERS_BYTES: sizeCommand(requestHeaders),
  RESPONSE_HEADERS_BYTES: sizeCommand(responseHeaders),
  RESPONSE_TRAILERS_BYTES: sizeCommand(responseTrailers),
};

/** Commands of the `req_without_query` formatter extension; only in formats that list it. */
export const reqWithoutQueryCommands: CommandTable = {
  REQ_WITHOUT_QUERY: {
    params: "optional",
    length: true,
    parse: parseHeaderNames,
    build: ([main, alternative], maxLength) => {
      const read = headerReader(requestHeaders, main as string, alternative as string);
      return new TextCommand((context) => withoutQuery(read(context)), maxLength);
    },
  },
};

function headerCommand(source: HeaderSource): CommandDefinition {
  return {
    params: "required",
    length: true,
    parse: parseHeaderNames,
    build: ([main, alternative], maxLength) =>
      new TextCommand(headerReader(source, main as string, alternative as string), maxLength),
  };
}

function sizeCommand(source: HeaderSource): CommandDefinition {
  return {
    params: "none",
    length: false,
    build: () => new NumberCommand((context) => headerByteSize(source(context))),
  };
}

/** `MAIN?ALTERNATIVE`, lower case; `host` is the authority. */
function parseHeaderNames(params: string): ParsedCommand {
  const names = params.toLowerCase().split("?");
  if (names.length > 2)
    return { error: `More than 1 alternative header specified in token: ${params}` };
  if (!names.every(isHeaderName)) {
    return { error: "Invalid header configuration. Format string contains invalid characters." };
  }
  return { args: [requestHeaderKey(names[0]!), requestHeaderKey(names[1] ?? "")] };
}

/** A token of RFC 9110, section 5.1; pseudo headers too, and the empty name, which no header has. */
function isHeaderName(name: string): boolean {
  return /^:?[!#$%&'*+\-.^_`|~0-9a-z]*$/.test(name);
}

function headerReader(
  source: HeaderSource,
  main: string,
  alternative: string,
): (context: FormatContext) => string | null {
  const readMain = valueReader(main);
  if (alternative === "") {
    return (context) => {
      const headers = source(context);
      return headers === null ? null : readMain(headers);
    };
  }
  const readAlternative = valueReader(alternative);
  return (context) => {
    const headers = source(context);
    return headers === null ? null : (readMain(headers) ?? readAlternative(headers));
  };
}

/** The pseudo headers of nearly every format are fields: reading them must not search the list first. */
function valueReader(name: string): (headers: HeaderMap) => string | null {
  switch (name) {
    case ":method":
      return (headers) => headers.method || null;
    case ":path":
      return (headers) => headers.path || null;
    case ":authority":
      return (headers) => headers.authority || (headers.get(name) ?? null);
    case ":scheme":
      return (headers) => headers.scheme || null;
    default:
      return (headers) => headers.get(name) ?? null;
  }
}

function withoutQuery(path: string | null): string | null {
  if (path === null) return null;
  const query = path.indexOf("?");
  return query < 0 ? path : path.slice(0, query);
}
