import {
  buildStringMatcher,
  type StringMatcherConfig,
} from "../../route/matchers/string-matcher.ts";

/** Whether a header is one of those; its name is in lower case. */
export function buildNameTest(configs: readonly StringMatcherConfig[]): (name: string) => boolean {
  const tests = configs.map(buildStringMatcher);
  return (name) => tests.some((test) => test(name));
}
