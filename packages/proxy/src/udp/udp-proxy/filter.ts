import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import { Availability, type Host } from "../../upstream/host.ts";
import type { UdpFilterWorkerSide } from "../extension.ts";
import { UdpFilterStatus, type UdpListenerFilter, type UdpListenerSocket } from "../filter.ts";
import type { UdpProxyConfig } from "./model.ts";
import { ProxyLog } from "./proxy-log.ts";
import { SessionTable } from "./session-table.ts";
import { UdpSession } from "./session.ts";
import { UdpProxy } from "./udp-proxy.ts";

/** Sends the datagrams of each client to a host of the cluster that its route leads to, and what comes back to the client. */
class UdpProxyFilter implements UdpListenerFilter {
  readonly #proxy: UdpProxy;
  readonly #log: ProxyLog;
  readonly #tables = new Map<UdpListenerSocket, SessionTable>();

  constructor(proxy: UdpProxy) {
    this.#proxy = proxy;
    this.#log = new ProxyLog(proxy);
  }

  onDatagram(data: Buffer, ip: string, port: number, socket: UdpListenerSocket): UdpFilterStatus {
    let table = this.#tables.get(socket);
    if (table === undefined) this.#tables.set(socket, (table = new SessionTable()));
    const session = this.#proxy.config.usePerPacketLoadBalancing
      ? this.#ofPacket(ip, port, socket, table)
      : this.#ofPeer(ip, port, socket, table);
    session?.onDownstream(data);
    return UdpFilterStatus.StopIteration;
  }

  onReceiveError(): UdpFilterStatus {
    this.#proxy.count("downstream_sess_rx_errors");
    return UdpFilterStatus.StopIteration;
  }

  close(): void {
    for (const table of this.#tables.values()) for (const session of table) session.end();
    this.#log.end();
    for (const log of this.#proxy.accessLogs) log.close();
  }

  /** The session of the client; null when its datagram goes nowhere. */
  #ofPeer(
    ip: string,
    port: number,
    socket: UdpListenerSocket,
    table: SessionTable,
  ): UdpSession | null {
    const known = table.first(ip, port);
    if (known !== null && this.#isStillRouted(known)) return this.#withHealthyHost(known, table);
    const cluster = this.#clusterOf(ip, port, socket);
    const host = cluster === undefined ? null : this.#chooseHost(cluster, ip);
    return host === null ? null : this.#open({ ip, port, socket, cluster: cluster!, host }, table);
  }

  /** The session of the client with a host that is chosen for this packet. */
  #ofPacket(
    ip: string,
    port: number,
    socket: UdpListenerSocket,
    table: SessionTable,
  ): UdpSession | null {
    const cluster = this.#clusterOf(ip, port, socket);
    const host = cluster === undefined ? null : this.#chooseHost(cluster, ip);
    if (host === null) return null;
    for (let known = table.first(ip, port); known !== null; known = known.nextOfPeer)
      if (known.host === host) return known;
    return this.#open({ ip, port, socket, cluster: cluster!, host }, table);
  }

  /** What the route says of a client depends on nothing but the runtime; a session that it leads elsewhere ends. */
  #isStillRouted(known: UdpSession): boolean {
    const { generation } = this.#proxy.services.worker.runtime;
    if (known.runtimeGeneration === generation) return true;
    known.runtimeGeneration = generation;
    const { ip, port, socket } = known;
    if (this.#proxy.clusterOf(ip, port, socket.localAddress) === known.cluster) return true;
    known.end();
    return false;
  }

  /** One whose host is unhealthy goes on with another host, if there is a better one, in a session of its own. */
  #withHealthyHost(known: UdpSession, table: SessionTable): UdpSession | null {
    if (known.host.availability !== Availability.Unhealthy) return known;
    const { ip, port, socket, cluster } = known;
    const host = this.#proxy.chooseHost(cluster, ip);
    if (host === null || host === known.host || host.availability === Availability.Unhealthy)
      return known;
    known.end();
    return this.#open({ ip, port, socket, cluster, host }, table);
  }

  #open(ends: ConstructorParameters<typeof UdpSession>[1], table: SessionTable): UdpSession | null {
    const session = new UdpSession(this.#proxy, ends, table);
    return session.begin() ? session : null;
  }

  #clusterOf(ip: string, port: number, { localAddress }: UdpListenerSocket): Cluster | undefined {
    const cluster = this.#proxy.clusterOf(ip, port, localAddress);
    if (cluster === undefined) this.#proxy.count("downstream_sess_no_route");
    return cluster;
  }

  #chooseHost(cluster: Cluster, ip: string): Host | null {
    const host = this.#proxy.chooseHost(cluster, ip);
    if (host === null) {
      const { slots } = this.#proxy.services.worker.stats;
      slots[cluster.statsBase + CLUSTER_STATS.at.upstream_cx_none_healthy]! += 1;
    }
    return host;
  }
}

/** Worker side of the UDP proxy. */
export const udpProxyWorkerSide: UdpFilterWorkerSide<UdpProxyConfig> = {
  configType: "envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig",
  build: (config, services) => new UdpProxyFilter(new UdpProxy(config, services)),
};
