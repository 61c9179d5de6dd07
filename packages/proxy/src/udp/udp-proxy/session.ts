import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { touchClusterUdp } from "../../observe/stats/tables/udp-proxy.ts";
import { UdpSocket, type UdpSocketOwner } from "../../transport/udp-socket.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import type { HostSession } from "../../upstream/host-sessions.ts";
import type { Host } from "../../upstream/host.ts";
import { Resource } from "../../upstream/shared/breaker-memory.ts";
import type { UdpListenerSocket } from "../filter.ts";
import { SessionLog, type SessionCounts } from "./session-log.ts";
import type { SessionTable } from "./session-table.ts";
import type { UdpProxy } from "./udp-proxy.ts";

const STATS = CLUSTER_STATS.at;

/** Where a session's datagrams come from and go to. */
export interface SessionEnds {
  /** The client's, as `socket.send` takes them. */
  readonly ip: string;
  readonly port: number;
  readonly socket: UdpListenerSocket;
  readonly cluster: Cluster;
  readonly host: Host;
}

/** One client's datagrams to one host, and the answers: over a socket of its own, until nothing came for a while. */
export class UdpSession implements UdpSocketOwner, HostSession, TimerTarget {
  readonly ip: string;
  readonly port: number;
  readonly socket: UdpListenerSocket;
  readonly cluster: Cluster;
  readonly host: Host;
  /** Another one of the same client; the table's business. */
  nextOfPeer: UdpSession | null = null;
  /** Of the runtime, when its route was last asked for. */
  runtimeGeneration: number;
  readonly counts: SessionCounts = {
    rxBytes: 0,
    rxDatagrams: 0,
    txBytes: 0,
    txDatagrams: 0,
    txErrors: 0,
  };
  readonly #proxy: UdpProxy;
  readonly #table: SessionTable;
  readonly #log: SessionLog | null;
  readonly #idleTimer = new Timer(this);
  /** Null before the first datagram, and as long as there cannot be one. */
  #upstream: UdpSocket | null = null;
  #ended = false;

  constructor(
    proxy: UdpProxy,
    { ip, port, socket, cluster, host }: SessionEnds,
    table: SessionTable,
  ) {
    this.ip = ip;
    this.port = port;
    this.socket = socket;
    this.cluster = cluster;
    this.host = host;
    this.runtimeGeneration = proxy.services.worker.runtime.generation;
    this.#proxy = proxy;
    this.#table = table;
    this.#log = proxy.accessLogs.length === 0 ? null : new SessionLog(proxy, this);
  }

  /** False when the cluster has no place for it: then it is over. As in Envoy it counts all the same. */
  begin(): boolean {
    const proxy = this.#proxy;
    proxy.count("downstream_sess_total");
    if (!this.cluster.breakers.default.tryAcquire(Resource.Connections)) {
      this.#log?.noteOverflow();
      this.#log?.end();
      return false;
    }
    proxy.count("downstream_sess_active");
    touchClusterUdp(proxy.services.worker.stats.slots, this.cluster.statsBase);
    this.#table.add(this);
    proxy.services.hostSessions.add(this);
    this.#log?.begin(this.host);
    this.#touch();
    return true;
  }

  /** From the client. */
  onDownstream(data: Buffer): void {
    const { counts } = this;
    const { length } = data;
    this.#proxy.count("downstream_sess_rx_bytes", length);
    this.#proxy.count("downstream_sess_rx_datagrams");
    counts.rxBytes += length;
    counts.rxDatagrams++;
    this.#touch();
    this.#upstream ??= this.#connect();
    if (this.#upstream === null || this.#upstream.send(data) < 0) {
      this.#countUpstream(STATS["udp.sess_tx_errors"], 1);
      return;
    }
    this.#countUpstream(STATS["udp.sess_tx_datagrams"], 1);
    this.#countUpstream(STATS.upstream_cx_tx_bytes_total, length);
  }

  /** From the host. */
  onDatagram(data: Buffer): void {
    if (this.#ended) return;
    const { counts } = this;
    const { length } = data;
    this.#touch();
    if (length > this.#proxy.config.upstreamSocket.maxRxDatagramBytes) {
      this.#countUpstream(STATS["udp.sess_rx_datagrams_dropped"], 1);
      return;
    }
    this.#countUpstream(STATS["udp.sess_rx_datagrams"], 1);
    this.#countUpstream(STATS.upstream_cx_rx_bytes_total, length);
    if (this.socket.send(data, this.ip, this.port) < 0) {
      this.#proxy.count("downstream_sess_tx_errors");
      counts.txErrors++;
      return;
    }
    this.#proxy.count("downstream_sess_tx_bytes", length);
    this.#proxy.count("downstream_sess_tx_datagrams");
    counts.txBytes += length;
    counts.txDatagrams++;
  }

  onReceiveError(): void {
    if (this.#ended) return;
    this.#touch();
    this.#countUpstream(STATS["udp.sess_rx_errors"], 1);
  }

  onHostGone(): void {
    this.end();
  }

  onTimer(): void {
    this.#proxy.count("idle_timeout");
    this.end();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const { services } = this.#proxy;
    services.worker.timers.cancel(this.#idleTimer);
    this.#table.remove(this);
    services.hostSessions.remove(this);
    this.#upstream?.close();
    this.#proxy.count("downstream_sess_active", -1);
    this.cluster.breakers.default.release(Resource.Connections);
    this.#log?.end();
  }

  /** Null when it cannot be: the next datagram tries again. */
  #connect(): UdpSocket | null {
    const upstream = new UdpSocket(this.#proxy.services.transport, this);
    const { sourceAddress } = this.cluster.config;
    if (upstream.connect(this.host.address, sourceAddress?.ip ?? "") < 0) return null;
    this.#log?.noteUpstream(upstream.localAddress);
    return upstream;
  }

  #touch(): void {
    this.#proxy.services.worker.timers.arm(this.#idleTimer, this.#proxy.config.idleTimeoutMs);
  }

  #countUpstream(stat: number, by: number): void {
    this.#proxy.services.worker.stats.slots[this.cluster.statsBase + stat]! += by;
  }
}
