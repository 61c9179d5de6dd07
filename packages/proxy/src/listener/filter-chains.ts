import { buildMatcher } from "../matching/build.ts";
import { networkInputs } from "../matching/inputs/network.ts";
import type { MatcherConfig } from "../matching/model.ts";
import type { NetworkFilterFactory } from "../network/filter.ts";
import type { NetworkServices } from "../network/services.ts";
import { clientAddress } from "../observe/stream-info.ts";
import type { DownstreamTransportSocket } from "../transport/transport-socket.ts";
import { indexFilterChains, type FindFilterChain } from "./filter-chain-index.ts";
import type { FilterChainConfig, ListenerConfig, NetworkFilterConfig } from "./model.ts";

/** A filter chain on a worker. */
export interface FilterChain {
  readonly name: string;
  readonly metadata: FilterChainConfig["metadata"];
  readonly transportSocket: DownstreamTransportSocket | null;
  /** 0: no limit. */
  readonly handshakeTimeoutMs: number;
  readonly factories: readonly NetworkFilterFactory[];
}

/** Builds the worker side of a network filter from what its compile made. */
export type BuildNetworkFilter = (
  config: NetworkFilterConfig,
  listener: ListenerConfig,
) => NetworkFilterFactory;

/** Builds the chains of a listener. What comes back finds that of a connection; null when it is to be closed. */
export function buildFilterChains(
  config: ListenerConfig,
  services: NetworkServices,
  build: BuildNetworkFilter,
): FindFilterChain<FilterChain> {
  const buildChain = (chain: FilterChainConfig): FilterChain => ({
    name: chain.name,
    metadata: chain.metadata,
    transportSocket:
      chain.transportSocket === null ? null : services.tlsSockets.downstream(chain.transportSocket),
    handshakeTimeoutMs: chain.transportSocketConnectTimeoutMs,
    factories: chain.filters.map((filter) => build(filter, config)),
  });
  const entries = config.filterChains.map((chain) => ({
    match: chain.match,
    chain: buildChain(chain),
  }));
  const { defaultFilterChain, filterChainMatcher } = config;
  const defaultChain = defaultFilterChain === null ? null : buildChain(defaultFilterChain);
  if (filterChainMatcher !== null) {
    const byName = new Map(entries.map(({ chain }) => [chain.name, chain]));
    return byMatcher(filterChainMatcher, byName, defaultChain, services);
  }
  const find = indexFilterChains(entries);
  return (info) => find(info) ?? defaultChain;
}

/** `filter_chain_matcher`: a name of no chain closes the connection, no name leaves the default chain. */
function byMatcher(
  config: MatcherConfig<string>,
  chains: ReadonlyMap<string, FilterChain>,
  defaultChain: FilterChain | null,
  { worker }: NetworkServices,
): FindFilterChain<FilterChain> {
  const tree = buildMatcher(config, {
    worker,
    inputs: networkInputs,
    buildAction: (name) => ({ chain: chains.get(name) ?? null }),
  });
  return (downstream) => {
    const found = tree.match({
      downstream,
      remoteAddress: clientAddress(downstream),
      filterState: downstream.filterState ?? null,
    });
    return found === null || found === undefined ? defaultChain : found.chain;
  };
}
