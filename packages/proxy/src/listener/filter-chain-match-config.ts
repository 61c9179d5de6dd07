import type {
  FilterChain,
  FilterChainMatch,
} from "@nuncio/api/types/envoy/config/listener/v3/listener_components_pb";
import { compileCidrRanges } from "../config/cidr.ts";
import type { CompileContext } from "../config/context.ts";
import { MATCH_ALL } from "./filter-chain-match.ts";
import type { FilterChainMatchConfig } from "./model.ts";

const SOURCE_TYPES = ["any", "same_ip_or_loopback", "external"] as const;

/** The criteria of a filter chain as plain data. Beside a matcher they are not looked at, as in Envoy. */
export function compileChainMatch(
  { filterChainMatch: match, name }: FilterChain,
  besideMatcher: boolean,
  ctx: CompileContext,
): FilterChainMatchConfig {
  if (match === undefined) return MATCH_ALL;
  for (const field of ["address_suffix", "suffix_len"] as const) {
    const unset =
      field === "suffix_len" ? match.suffixLen === undefined : match.addressSuffix === "";
    if (!unset)
      ctx.problems.error(match, field, `filter chain '${name}' contains unimplemented fields`);
  }
  return besideMatcher ? MATCH_ALL : compileFilterChainMatch(match, ctx);
}

function compileFilterChainMatch(
  match: FilterChainMatch,
  ctx: CompileContext,
): FilterChainMatchConfig {
  for (const [index, name] of match.serverNames.entries()) {
    if (!name.includes("*") || name.startsWith("*.")) continue;
    const text = 'partial wildcards are not supported in "server_names"';
    ctx.problems.error(match, "server_names", text, index);
  }
  return {
    destinationPort: match.destinationPort ?? 0,
    prefixRanges: compileCidrRanges(match.prefixRanges, ctx),
    serverNames: match.serverNames.map(lowerCase),
    transportProtocol: match.transportProtocol,
    applicationProtocols: [...match.applicationProtocols],
    directSourcePrefixRanges: compileCidrRanges(match.directSourcePrefixRanges, ctx),
    sourceType: SOURCE_TYPES[match.sourceType] ?? "any",
    sourcePrefixRanges: compileCidrRanges(match.sourcePrefixRanges, ctx),
    sourcePorts: [...match.sourcePorts],
  };
}

/** Only ASCII has two cases in names of servers. */
function lowerCase(name: string): string {
  return name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
