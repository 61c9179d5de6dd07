import { buildMatcher } from "../../matching/build.ts";
import { networkInputs } from "../../matching/inputs/network.ts";
import type { NetworkServices } from "../../network/services.ts";
import type { AccessLog } from "../../observe/access-log/access-log.ts";
import { touchClusterUdp, UDP_PROXY_STATS } from "../../observe/stats/tables/udp-proxy.ts";
import type { Address } from "../../observe/stream-info.ts";
import { ipAddress, unmappedIp } from "../../transport/address.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import type { Host } from "../../upstream/host.ts";
import { downstreamOf } from "./downstream.ts";
import type { UdpProxyConfig } from "./model.ts";
import { UdpHash } from "./udp-hash.ts";

/** What all sessions of one UDP proxy on one worker share. */
export class UdpProxy {
  readonly config: UdpProxyConfig;
  readonly services: NetworkServices;
  /** Of sessions. */
  readonly accessLogs: readonly AccessLog[];
  readonly #hash: UdpHash;
  readonly #route: (ip: string, port: number, localAddress: Address) => string | null;

  constructor(config: UdpProxyConfig, services: NetworkServices) {
    this.config = config;
    this.services = services;
    this.accessLogs = services.buildAccessLogs(config.accessLogs);
    this.#hash = new UdpHash(config.hashPolicy);
    this.#route = buildRoute(config, services);
    for (const name of config.clusterNames) {
      const cluster = services.clusters.get(name);
      if (cluster !== undefined) touchClusterUdp(services.worker.stats.slots, cluster.statsBase);
    }
  }

  count(stat: keyof typeof UDP_PROXY_STATS.at, by = 1): void {
    this.services.worker.stats.slots[this.config.scope.base + UDP_PROXY_STATS.at[stat]]! += by;
  }

  /** Undefined when there is none for that peer. */
  clusterOf(ip: string, port: number, localAddress: Address): Cluster | undefined {
    const name = this.#route(ip, port, localAddress);
    return name === null ? undefined : this.services.clusters.get(name);
  }

  /** Null when the cluster has none. */
  chooseHost(cluster: Cluster, ip: string): Host | null {
    if (!cluster.hashes) return cluster.chooseHost(null);
    this.#hash.sourceIp = unmappedIp(ip);
    return cluster.chooseHost(this.#hash);
  }
}

/** To the name of a cluster; null for none. */
function buildRoute(
  { route }: UdpProxyConfig,
  { worker }: NetworkServices,
): (ip: string, port: number, localAddress: Address) => string | null {
  if (route.tree === null && route.onNoMatch?.kind === "action") {
    const { action } = route.onNoMatch;
    return () => action;
  }
  const tree = buildMatcher(route, {
    worker,
    inputs: networkInputs,
    buildAction: (name) => ({ name }),
  });
  return (ip, port, localAddress) => {
    const remoteAddress = ipAddress(unmappedIp(ip), port);
    const downstream = downstreamOf(remoteAddress, localAddress, 0);
    return tree.match({ downstream, remoteAddress, filterState: null })?.name ?? null;
  };
}
