import { buildHeaderMatcher } from "./header-matcher.ts";
import type { HeaderMatcherConfig, HeaderTestFunction } from "./header-matcher.ts";
import { buildStringMatcher } from "./string-matcher.ts";
import type { StringMatcherConfig } from "./string-matcher.ts";

/** For rooms that may not know this one (access logs): builds the matchers that `matcherCompilers` compiled. */
export const matcherBuilders = {
  header: (config: unknown): HeaderTestFunction =>
    buildHeaderMatcher(config as HeaderMatcherConfig),
  string: (config: unknown): ((value: string) => boolean) =>
    buildStringMatcher(config as StringMatcherConfig),
} as const;
