import type { RegexMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/regex_pb";
import type { RegexMatcher as XdsRegexMatcher } from "@nuncio/api/types/xds/type/matcher/v3/regex_pb";
import { RE2JS, RE2JSSyntaxException } from "re2js";
import type { CompileContext } from "../../../config/context.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { withoutAnyByte } from "./any-byte.ts";

/** RE2's words for what re2js says in Go's. */
const ENVOY_WORDS: { readonly [text: string]: string } = {
  "missing closing )": "missing )",
  "missing closing ]": "missing ]",
  "missing argument to repetition operator": "no argument for repetition operator",
  "invalid nested repetition operator": "bad repetition operator",
  "invalid repeat count": "invalid repetition size",
  "invalid or unsupported Perl syntax": "invalid perl operator",
  "invalid named capture": "invalid named capture group",
  "trailing backslash at end of expression": "trailing \\",
};

/**
 * Checks a `RegexMatcher` and gives its pattern as a byte string. What RE2 would refuse is reported at
 * `regex` with Envoy's words.
 */
export function compileRegex(message: RegexMatcher | XdsRegexMatcher, ctx: CompileContext): string {
  const pattern = toByteString(message.regex);
  if (hasSizeLimit(message))
    ctx.problems.warning(
      message,
      "google_re2",
      "max_program_size has no effect: any regular expression runs in linear time",
    );
  const fault = regexFault(pattern);
  if (fault !== null) ctx.problems.error(message, "regex", fault);
  return pattern;
}

function hasSizeLimit({ engineType: engine }: RegexMatcher | XdsRegexMatcher): boolean {
  return (
    engine.case === "googleRe2" &&
    "maxProgramSize" in engine.value &&
    engine.value.maxProgramSize !== undefined
  );
}

/** What is wrong with a pattern, in RE2's words; null when nothing is. */
export function regexFault(pattern: string): string | null {
  try {
    RE2JS.compile(withoutAnyByte(pattern));
    return null;
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    const words = ENVOY_WORDS[error.error] ?? error.error;
    return error.input === null ? words : `${words}: ${error.input}`;
  }
}
