import type { HeaderMatcher } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { Int64Range } from "@nuncio/api/types/envoy/type/v3/range_pb";
import { requestHeaderKey, type HeaderMap } from "@nuncio/codec";
import type { CompileContext } from "../../../config/context.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { compileRegex } from "../regex/compile-regex.ts";
import { parseInteger } from "./integer.ts";
import { buildStringMatcher, compileStringMatcher } from "./string-matcher.ts";
import type { StringMatcherConfig } from "./string-matcher.ts";

/** `envoy.config.route.v3.HeaderMatcher` as plain data. */
export interface HeaderMatcherConfig {
  /** Lower case; `host` is `:authority`. */
  readonly name: string;
  readonly invert: boolean;
  readonly missingAsEmpty: boolean;
  readonly test: HeaderTest;
}

/** `range`: from `start` to below `end`. */
type HeaderTest =
  | { readonly kind: "present"; readonly present: boolean }
  | { readonly kind: "range"; readonly start: bigint; readonly end: bigint }
  | { readonly kind: "string"; readonly string: StringMatcherConfig };

export type HeaderTestFunction = (headers: HeaderMap) => boolean;

/** Compiles a header matcher in any of its forms, the deprecated ones included. */
export function compileHeaderMatcher(
  message: HeaderMatcher,
  ctx: CompileContext,
): HeaderMatcherConfig {
  return {
    name: requestHeaderKey(message.name),
    invert: message.invertMatch,
    missingAsEmpty: message.treatMissingHeaderAsEmpty,
    test: compileTest(message, ctx),
  };
}

function compileTest(message: HeaderMatcher, ctx: CompileContext): HeaderTest {
  const { headerMatchSpecifier: specifier } = message;
  switch (specifier.case) {
    case "stringMatch":
      return { kind: "string", string: compileStringMatcher(specifier.value, ctx) };
    case "rangeMatch":
      return compileRange(specifier.value);
    case "presentMatch":
      return { kind: "present", present: specifier.value };
    case "exactMatch":
      // An empty deprecated value asks for presence.
      if (specifier.value === "") return { kind: "present", present: true };
      return deprecated("exact", specifier.value);
    case "prefixMatch":
      return deprecated("prefix", specifier.value);
    case "suffixMatch":
      return deprecated("suffix", specifier.value);
    case "containsMatch":
      return deprecated("contains", specifier.value);
    case "safeRegexMatch":
      return {
        kind: "string",
        string: { kind: "regex", value: compileRegex(specifier.value, ctx), ignoreCase: false },
      };
    case undefined:
      return { kind: "present", present: true };
  }
}

function compileRange(range: Int64Range): HeaderTest {
  return { kind: "range", start: range.start, end: range.end };
}

function deprecated(kind: StringMatcherConfig["kind"], value: string): HeaderTest {
  return { kind: "string", string: { kind, value: toByteString(value), ignoreCase: false } };
}

/**
 * The test of a request's headers. Repeated lines are tested one by one, and one that matches is enough. A header
 * that is missing never matches, inverted or not, unless presence is asked for or missing counts as empty.
 */
export function buildHeaderMatcher(config: HeaderMatcherConfig): HeaderTestFunction {
  const { name, invert, missingAsEmpty, test } = config;
  if (test.kind === "present") {
    const wanted = test.present !== invert;
    return (headers) => (missingAsEmpty || headers.has(name)) === wanted;
  }
  const matches =
    test.kind === "range" ? rangeTest(test.start, test.end) : buildStringMatcher(test.string);
  const whenMissing = missingAsEmpty && matches("") !== invert;
  if (name.startsWith(":")) {
    return (headers) => {
      const value = pseudoHeader(headers, name);
      return value === undefined ? whenMissing : matches(value) !== invert;
    };
  }
  return (headers) => {
    const { entries } = headers;
    let found = false;
    for (let i = 0; i < entries.length; i += 2) {
      if (entries[i] !== name) continue;
      if (matches(entries[i + 1]!)) return !invert;
      found = true;
    }
    return found ? invert : whenMissing;
  };
}

function rangeTest(start: bigint, end: bigint): (value: string) => boolean {
  return (text) => {
    const value = parseInteger(text);
    return value !== null && value >= start && value < end;
  };
}

/** Undefined when it is missing: an empty `:authority` may be there. */
function pseudoHeader(headers: HeaderMap, name: string): string | undefined {
  switch (name) {
    case ":path":
      return headers.path || undefined;
    case ":method":
      return headers.method || undefined;
    case ":authority":
      return headers.authority || headers.get(name);
    case ":scheme":
      return headers.scheme || undefined;
    default:
      return headers.get(name);
  }
}
