import type { Listener } from "@nuncio/api/types/envoy/config/listener/v3/listener_pb";
import type { CompileContext } from "../config/context.ts";
import { indexFilterChains } from "./filter-chain-index.ts";
import type { FilterChainConfig } from "./model.ts";

/** Two chains that match the same connections could never both be reached: an error, as in Envoy. */
export function checkOverlaps(
  listener: Listener,
  address: string,
  chains: readonly FilterChainConfig[],
  ctx: CompileContext,
): void {
  const seen = new Map<string, FilterChainConfig>();
  for (const [index, chain] of chains.entries()) {
    const key = JSON.stringify(chain.match);
    const first = seen.get(key);
    if (first !== undefined) {
      const text = `filter chain '${chain.name}' has the same matching rules defined as '${first.name}'`;
      ctx.problems.error(
        listener,
        "filter_chains",
        `error adding listener '${address}': ${text}`,
        index,
      );
      return;
    }
    seen.set(key, chain);
  }
  let overlaps = false;
  indexFilterChains(
    chains.map((chain) => ({ match: chain.match, chain })),
    () => (overlaps = true),
  );
  if (!overlaps) return;
  const text = "multiple filter chains with overlapping matching rules are defined";
  ctx.problems.error(listener, "filter_chains", `error adding listener '${address}': ${text}`);
}
