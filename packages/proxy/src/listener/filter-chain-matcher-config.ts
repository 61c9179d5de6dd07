import type { Message } from "@bufbuild/protobuf";
import type { StringValue } from "@bufbuild/protobuf/wkt";
import type { Listener } from "@nuncio/api/types/envoy/config/listener/v3/listener_pb";
import type { CompileContext } from "../config/context.ts";
import { compileMatcher } from "../matching/compile.ts";
import { networkInputConfigSides } from "../matching/inputs/network-config.ts";
import type { MatcherConfig } from "../matching/model.ts";

/**
 * `filter_chain_matcher`: a tree to names of filter chains; null when the listener has none. Every chain must have a name of
 * its own then; whether the tree names chains that exist is not looked at, as in Envoy.
 */
export function compileFilterChainMatcher(
  listener: Listener,
  ctx: CompileContext,
): MatcherConfig<string> | null {
  if (listener.filterChainMatcher === undefined) return null;
  const seen = new Set<string>();
  for (const chain of listener.filterChains) {
    if (chain.name === "")
      ctx.problems.error(chain, "name", '"name" field is required when using a listener matcher');
    else if (seen.has(chain.name))
      ctx.problems.error(chain, "name", `"name" field is duplicated with value '${chain.name}'`);
    seen.add(chain.name);
  }
  return compileMatcher(listener.filterChainMatcher, {
    ctx,
    inputs: networkInputConfigSides,
    keepMatching: true,
    actions: new Map([
      ["google.protobuf.StringValue", (message: Message) => (message as StringValue).value],
    ]),
  });
}
