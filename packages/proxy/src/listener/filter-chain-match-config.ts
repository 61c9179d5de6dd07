import { isIP } from "node:net";
import type { CidrRange } from "@nuncio/api/types/envoy/config/core/v3/address_pb";
import type { FilterChainMatch } from "@nuncio/api/types/envoy/config/listener/v3/listener_components_pb";
import type { CompileContext } from "../config/context.ts";
import type { CidrConfig, FilterChainMatchConfig } from "./model.ts";

const SOURCE_TYPES = ["any", "same_ip_or_loopback", "external"] as const;

/** The criteria of a filter chain as plain data. */
export function compileFilterChainMatch(match: FilterChainMatch, ctx: CompileContext): FilterChainMatchConfig {
  return {
    destinationPort: match.destinationPort ?? 0,
    prefixRanges: compileCidrRanges(match.prefixRanges, ctx),
    directSourcePrefixRanges: compileCidrRanges(match.directSourcePrefixRanges, ctx),
    sourceType: SOURCE_TYPES[match.sourceType] ?? "any",
    sourcePrefixRanges: compileCidrRanges(match.sourcePrefixRanges, ctx),
    sourcePorts: [...match.sourcePorts],
  };
}

/** CIDR ranges as plain data; a malformed one is a problem. */
export function compileCidrRanges(ranges: readonly CidrRange[], ctx: CompileContext): CidrConfig[] {
  return ranges.flatMap((range) => {
    const family = isIP(range.addressPrefix);
    const bits = range.prefixLen ?? 0;
    if (family === 0) {
      ctx.problems.error(range, "address_prefix", `malformed IP address: ${range.addressPrefix}`);
      return [];
    }
    return [{ ip: range.addressPrefix, bits: Math.min(bits, family === 4 ? 32 : 128) }];
  });
}
