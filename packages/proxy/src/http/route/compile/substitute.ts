import type { RegexMatchAndSubstitute } from "@nuncio/api/types/envoy/type/matcher/v3/regex_pb";
import type { CompileContext } from "../../../config/context.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { compileRegex } from "../regex/compile-regex.ts";
import type { SubstituteConfig } from "../regex/substitute.ts";

/** `RegexMatchAndSubstitute` as plain data; a bad expression or reference is a problem. */
export function compileSubstitute(
  message: RegexMatchAndSubstitute,
  ctx: CompileContext,
): SubstituteConfig {
  const { pattern, substitution } = message;
  // validate.rules refuse a missing pattern.
  const regex = pattern === undefined ? "" : compileRegex(pattern, ctx);
  return { pattern: regex, substitution: toByteString(substitution) };
}
