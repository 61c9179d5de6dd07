import { RE2JS } from "re2js";
import { withoutAnyByte } from "./any-byte.ts";
import { nativeFullMatch } from "./native.ts";

/**
 * Whether the whole of a byte string matches a pattern, in linear time (Envoy's `safe_regex`). A native expression
 * where that is proved to be the same and linear, RE2 otherwise.
 */
export function buildFullMatch(pattern: string): (text: string) => boolean {
  const native = nativeFullMatch(pattern);
  if (native !== null) return (text) => native.test(text);
  const re2 = RE2JS.compile(withoutAnyByte(pattern));
  return (text) => re2.testExact(text);
}
