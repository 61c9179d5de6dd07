import { isIP } from "node:net";
import type { AddressMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/address_pb";
import type { FilterStateMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/filter_state_pb";
import { cidrContains, type CidrConfig } from "../../../base/cidr.ts";
import type { CompileContext } from "../../../config/context.ts";
import { filterStateTextOf, isFilterStateObject } from "../../../observe/filter-state-object.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import { buildStringMatcher, compileStringMatcher } from "./string-matcher.ts";
import type { StringMatcherConfig } from "./string-matcher.ts";

/** `envoy.type.matcher.v3.FilterStateMatcher` as plain data. */
export interface FilterStateMatcherConfig {
  readonly key: string;
  readonly test:
    | { readonly kind: "string"; readonly string: StringMatcherConfig }
    | {
        readonly kind: "address";
        readonly ranges: readonly CidrConfig[];
        readonly invert: boolean;
      };
}

/** Null when it has nothing to match, which validate.rules refuse. A bad range is a problem. */
export function compileFilterStateMatcher(
  message: FilterStateMatcher,
  ctx: CompileContext,
): FilterStateMatcherConfig | null {
  const { key, matcher } = message;
  switch (matcher.case) {
    case "stringMatch":
      return { key, test: { kind: "string", string: compileStringMatcher(matcher.value, ctx) } };
    case "addressMatch":
      return { key, test: { kind: "address", ...compileAddress(matcher.value, ctx) } };
    default:
      return null;
  }
}

function compileAddress(
  message: AddressMatcher,
  ctx: CompileContext,
): { readonly ranges: readonly CidrConfig[]; readonly invert: boolean } {
  const ranges = message.ranges.flatMap((range) => {
    const family = isIP(range.addressPrefix);
    const bits = range.prefixLen ?? 0;
    if (family !== 0)
      return [{ ip: range.addressPrefix, bits: Math.min(bits, family === 4 ? 32 : 128) }];
    const text = `invalid ip/mask combo '${range.addressPrefix}/${bits}' (format is <ip>/<# mask bits>)`;
    ctx.problems.error(range, "address_prefix", text);
    return [];
  });
  return { ranges, invert: message.invertMatch };
}

/** The test of a stream's filter state. An object that is not there does not match, inverted or not. */
export function buildFilterStateMatcher(
  config: FilterStateMatcherConfig,
): (info: StreamInfo) => boolean {
  const { key, test } = config;
  if (test.kind === "string") {
    const matches = buildStringMatcher(test.string);
    return ({ filterState }) => {
      const text = filterStateTextOf(filterState?.get(key));
      return text !== null && matches(toByteString(text));
    };
  }
  const { ranges, invert } = test;
  return ({ filterState }) => {
    const value = filterState?.get(key);
    const ip = isFilterStateObject(value)
      ? (value.filterStateIp ?? null)
      : filterStateTextOf(value);
    if (ip === null || isIP(ip) === 0) return false;
    return ranges.some((range) => cidrContains(range, ip)) !== invert;
  };
}
