import type { WorkerContext } from "../base/worker-context.ts";
import { buildMatcher } from "../matching/build.ts";
import { networkInputs } from "../matching/inputs/network.ts";
import type { NetworkMatchingData } from "../matching/matching-data.ts";
import type { MatcherConfig } from "../matching/model.ts";
import type { MatchTree } from "../matching/tree/match-tree.ts";
import { clientAddress, type DownstreamInfo } from "../observe/stream-info.ts";

/** `filter_chain_matcher` on a worker. */
export class FilterChainTree<Chain> {
  readonly #tree: MatchTree<NetworkMatchingData, { readonly chain: Chain | null }>;
  readonly #defaultChain: Chain | null;

  constructor(
    config: MatcherConfig<string>,
    chains: ReadonlyMap<string, Chain>,
    defaultChain: Chain | null,
    worker: WorkerContext,
  ) {
    this.#tree = buildMatcher(config, {
      worker,
      inputs: networkInputs,
      buildAction: (name) => ({ chain: chains.get(name) ?? null }),
    });
    this.#defaultChain = defaultChain;
  }

  /** The chain for a connection; null when it is to be closed, as when the tree names a chain that does not exist. */
  find(downstream: DownstreamInfo): Chain | null {
    const found = this.#tree.match({
      downstream,
      remoteAddress: clientAddress(downstream),
      filterState: downstream.filterState ?? null,
    });
    return found === null || found === undefined ? this.#defaultChain : found.chain;
  }
}
