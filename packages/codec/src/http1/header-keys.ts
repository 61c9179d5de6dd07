import { HEADER_NAMES } from "./header-names.ts";
import type { HeaderKeyFormat } from "./options.ts";

const PROPER_CASE = new Map(HEADER_NAMES.map((name) => [name, properCaseWords(name)]));

/** A header name as `format` writes it. `name` is in lower case. */
export function formatHeaderKey(name: string, format: HeaderKeyFormat): string {
  if (format === "lower_case") return name;
  return PROPER_CASE.get(name) ?? properCaseWords(name);
}

/** Upper case for each letter that follows neither a letter nor a digit, as Envoy's proper_case_words. */
function properCaseWords(name: string): string {
  let result = "";
  let wordStart = true;
  for (const char of name) {
    const isAlphaNumeric = (char >= "a" && char <= "z") || (char >= "0" && char <= "9");
    result += wordStart ? char.toUpperCase() : char;
    wordStart = !isAlphaNumeric;
  }
  return result;
}

/** The lines that the codecs write themselves, one set per format, so that no head formats them anew. */
export interface OwnLines {
  readonly host: string;
  readonly connectionClose: string;
  readonly connectionKeepAlive: string;
  readonly chunked: string;
  readonly contentLengthZero: string;
}

const OWN_LINES = {
  lower_case: ownLines((name) => name),
  proper_case_words: ownLines((name) => formatHeaderKey(name, "proper_case_words")),
} satisfies { [Format in HeaderKeyFormat]: OwnLines };

/** The same set for all codecs of one format. */
export function ownLinesOf(format: HeaderKeyFormat): OwnLines {
  return OWN_LINES[format];
}

/** The header lines that the encoder writes on its own; `spell` says how their names are written. */
export function ownLines(spell: (name: string) => string): OwnLines {
  return {
    host: `${spell("host")}: `,
    connectionClose: `${spell("connection")}: close\r\n`,
    connectionKeepAlive: `${spell("connection")}: keep-alive\r\n`,
    chunked: `${spell("transfer-encoding")}: chunked\r\n`,
    contentLengthZero: `${spell("content-length")}: 0\r\n`,
  };
}
