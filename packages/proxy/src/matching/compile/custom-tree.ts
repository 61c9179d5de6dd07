import type { TypedExtensionConfig } from "@nuncio/api/types/xds/core/v3/extension_pb";
import type { ServerNameMatcher } from "@nuncio/api/types/xds/type/matcher/v3/domain_pb";
import type { IPMatcher } from "@nuncio/api/types/xds/type/matcher/v3/ip_pb";
import type { Matcher_OnMatch } from "@nuncio/api/types/xds/type/matcher/v3/matcher_pb";
import { parseIp } from "../../base/ip-bytes.ts";
import type { CompileContext } from "../../config/context.ts";
import { toByteString } from "../../observe/format/byte-string.ts";
import type {
  DomainTreeConfig,
  ExtensionConfig,
  IpRangeTreeConfig,
  OnMatchConfig,
} from "../model.ts";
import { checkDomain } from "./domain.ts";
import { unpackExtension } from "./unpack-extension.ts";

type CompileOnMatch<Action> = (
  message: Matcher_OnMatch | undefined,
) => OnMatchConfig<Action> | null;

const IP = "xds.type.matcher.v3.IPMatcher";
const SERVER_NAME = "xds.type.matcher.v3.ServerNameMatcher";

const TYPES: ReadonlyMap<string, typeof IP | typeof SERVER_NAME> = new Map([
  [IP, IP],
  [SERVER_NAME, SERVER_NAME],
]);

/** `MatcherTree.custom_match`; null when something is wrong with it, which was reported. */
export function compileCustomTree<Action>(
  extension: TypedExtensionConfig,
  input: ExtensionConfig | null,
  ctx: CompileContext,
  compileOnMatch: CompileOnMatch<Action>,
): IpRangeTreeConfig<Action> | DomainTreeConfig<Action> | null {
  const found = unpackExtension(extension, TYPES, ctx);
  if (found === null || input === null) return null;
  return found.side === IP
    ? {
        kind: "ip_range",
        input,
        matchers: compileRanges(found.message as IPMatcher, ctx, compileOnMatch),
      }
    : {
        kind: "domain",
        input,
        matchers: compileDomains(found.message as ServerNameMatcher, ctx, compileOnMatch),
      };
}

function compileRanges<Action>(
  { rangeMatchers }: IPMatcher,
  ctx: CompileContext,
  compileOnMatch: CompileOnMatch<Action>,
): IpRangeTreeConfig<Action>["matchers"] {
  return rangeMatchers.flatMap((message) => {
    const ranges = message.ranges.map((range) => {
      if (parseIp(range.addressPrefix, new Uint8Array(16)) === 0) {
        const text = `malformed IP address: ${range.addressPrefix}`;
        ctx.problems.error(range, "address_prefix", text);
      }
      return { ip: range.addressPrefix, bits: range.prefixLen ?? 0 };
    });
    if (message.onMatch === undefined)
      ctx.problems.error(message, "on_match", "expected an action or a matcher");
    const onMatch = compileOnMatch(message.onMatch);
    return onMatch === null ? [] : [{ ranges, exclusive: message.exclusive, onMatch }];
  });
}

function compileDomains<Action>(
  { domainMatchers }: ServerNameMatcher,
  ctx: CompileContext,
  compileOnMatch: CompileOnMatch<Action>,
): DomainTreeConfig<Action>["matchers"] {
  const seen = new Set<string>();
  return domainMatchers.flatMap((message) => {
    for (const [index, domain] of message.domains.entries()) {
      const problem = seen.has(domain)
        ? `Duplicate domain in ServerNameMatcher: ${domain}`
        : checkDomain(domain);
      if (problem !== null) ctx.problems.error(message, "domains", problem, index);
      seen.add(domain);
    }
    if (message.onMatch === undefined)
      ctx.problems.error(message, "on_match", "expected an action or a matcher");
    const onMatch = compileOnMatch(message.onMatch);
    return onMatch === null ? [] : [{ domains: message.domains.map(toByteString), onMatch }];
  });
}
