import { compileHeaderMatcher } from "./header-matcher.ts";
import { compileStringMatcher } from "./string-matcher.ts";

/** For rooms that may not know this one (access logs); what it gives is built by `matcherBuilders`. */
export const matcherCompilers = {
  header: compileHeaderMatcher,
  string: compileStringMatcher,
} as const;
