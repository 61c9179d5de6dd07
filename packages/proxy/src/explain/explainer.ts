import { listenAddressText } from "../config/address.ts";
import { DISCOVERED } from "../extension/model.ts";
import { HCM_TYPE } from "../http/connection-manager/config.ts";
import type { HttpConnectionManagerConfig } from "../http/connection-manager/model.ts";
import type { FilterChainConfig, ListenerConfig } from "../listener/model.ts";
import type { TcpProxyConfig } from "../network/tcp-proxy/model.ts";
import type { DownstreamInfo } from "../observe/stream-info.ts";
import type { Runtime } from "../runtime/snapshot.ts";
import type { ClusterDefinition } from "../upstream/definition.ts";
import { readRequest, requestBytes } from "./explain-request.ts";
import type { ExplainRequest, RequestText } from "./explain-request.ts";
import { chooseFilterChain, type ChosenFilterChain } from "./filter-chain-choice.ts";
import { inspectedConnection } from "./inspected-connection.ts";
import { chooseListener, type ChosenListener } from "./listener-choice.ts";
import { ManagerExplainer, type ExplainDetail } from "./manager-explainer.ts";
import type { ExplainedRequest, Explanation } from "./model.ts";
import type { Places } from "./places.ts";
import { Rehearsal } from "./rehearsal.ts";

/** A configuration to explain requests by. */
export interface ExplainSource {
  readonly listeners: readonly ListenerConfig[];
  readonly clusters: readonly ClusterDefinition[];
  readonly places: Places;
  /** The host's address: stands in x-forwarded-for for a local client. */
  readonly hostIp: string;
  /** The time of day for formatters. */
  readonly wallMs: number;
  /** Does not change while requests are explained by it. */
  readonly runtime: Runtime;
}

/** Explains requests by one configuration. Keeps what it has built for the next request. */
export class Explainer {
  readonly #source: ExplainSource;
  readonly #rehearsal: Rehearsal;
  readonly #managers = new Map<HttpConnectionManagerConfig, ManagerExplainer>();

  constructor(source: ExplainSource) {
    this.#source = source;
    this.#rehearsal = new Rehearsal(source);
  }

  /**
   * The way of one request. Without the routes that were asked and the candidates it costs less (`outcomes`).
   * @throws ExplainError for a request that cannot be read, or that no listener gets
   */
  explain(text: RequestText, detail: ExplainDetail = "all"): Explanation {
    const request = readRequest(text);
    const listener = chooseListener(this.#source.listeners, request);
    const downstream = downstreamOf(request, listener);
    const chain = chooseFilterChain(listener.config, downstream, this.#source.runtime);
    const base = this.#base(request, listener, chain);
    const filter = chain.config?.filters.at(-1);
    const isComplete = chain.config?.filters.every(({ type }) => type !== DISCOVERED) === true;
    if (chain.config === null || !isComplete || filter?.type !== HCM_TYPE) {
      return { ...base, ...NO_HTTP, network: networkText(chain.config) };
    }
    const config = filter.config as HttpConnectionManagerConfig;
    const manager = this.#managerOf(config, listener.index, chain.index);
    const rehearsed = {
      bytes: requestBytes(request),
      downstream: { ...downstream, filterChainName: chain.config.name },
      bufferLimitBytes: listener.config.perConnectionBufferLimitBytes,
    };
    return { ...base, network: "", ...manager.explain(request, rehearsed, detail) };
  }

  #base(
    request: ExplainRequest,
    { config, index, why }: ChosenListener,
    chain: ChosenFilterChain,
  ): Pick<Explanation, "request" | "listener" | "filterChain"> {
    const { places } = this.#source;
    return {
      request: explained(request),
      listener: {
        name: config.name,
        address: config.addresses.map(listenAddressText).join(", "),
        why,
        place: places.listener(index),
      },
      filterChain: {
        name: chain.config?.name ?? "",
        why: chain.why,
        place: chain.config === null ? null : places.filterChain(index, chain.index),
        matcher: chain.matcher,
        refused: chain.refused.map((each) => ({
          name: config.filterChains[each.index]!.name,
          why: each.why,
          place: places.filterChain(index, each.index),
        })),
      },
    };
  }

  #managerOf(
    config: HttpConnectionManagerConfig,
    listener: number,
    chain: number,
  ): ManagerExplainer {
    let manager = this.#managers.get(config);
    if (manager === undefined) {
      const { places } = this.#source;
      manager = new ManagerExplainer(config, this.#rehearsal, {
        manager: () => places.manager(listener, chain),
        table: (scope) => places.table({ listener, chain, scope }),
        virtualHost: (scope, index) => places.virtualHost({ listener, chain, scope }, index),
        route: (scope, host, index) => places.route({ listener, chain, scope }, host, index),
        matcherRoutes: (scope, host) => places.matcherRoutes({ listener, chain, scope }, host),
        cluster: (name) => places.cluster(name),
      });
      this.#managers.set(config, manager);
    }
    return manager;
  }
}

const NO_HTTP = {
  manager: null,
  scope: null,
  virtualHost: null,
  routes: [],
  outcomes: [],
} as const;

function downstreamOf(request: ExplainRequest, listener: ChosenListener): DownstreamInfo {
  return {
    connectionId: 0,
    directRemoteAddress: request.source,
    localAddress: listener.localAddress,
    listenerName: listener.config.name,
    filterChainName: "",
    connectedMs: 0,
    ...inspectedConnection(listener.config, request, listener.localAddress.port),
  };
}

function explained(request: ExplainRequest): ExplainedRequest {
  const { method, scheme, host, target, headers, source } = request;
  return { method, scheme, host, path: target, headers, source: source.text };
}

/** What becomes of a connection that is not HTTP to this proxy. */
function networkText(chain: FilterChainConfig | null): string {
  if (chain === null) return "the connection is closed";
  const filter = chain.filters.at(-1);
  if (filter === undefined) return "the connection is closed: the filter chain has no filters";
  const missing = chain.filters.find(({ type }) => type === DISCOVERED);
  if (missing !== undefined)
    return `the connection is closed: the configuration of ${missing.name} has not come`;
  if (!filter.type.endsWith(".TcpProxy")) return `the connection goes to ${filter.name}`;
  const { clusters, totalWeight } = filter.config as TcpProxyConfig;
  const shares = clusters.map(({ name, weight }) =>
    clusters.length === 1 ? name : `${name} (${weight} of ${totalWeight})`,
  );
  return `the connection's bytes go to cluster ${shares.join(" or ")}`;
}
