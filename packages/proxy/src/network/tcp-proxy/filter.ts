import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import { noteHost } from "../../http/router/upstream-facts.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { TCP_PROXY_STATS } from "../../observe/stats/tables/tcp-proxy.ts";
import { connectionContext, ResponseFlag, type StreamInfo } from "../../observe/stream-info.ts";
import { ShedPoint } from "../../overload/points.ts";
import type { CloseReason } from "../../transport/connection.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import type { Host } from "../../upstream/host.ts";
import { poolKindFor } from "../../upstream/pool/pool-kind.ts";
import type { RawUpstream } from "../../upstream/pool/raw-upstream.ts";
import { TcpUpstream } from "../../upstream/pool/tcp-upstream.ts";
import { Resource } from "../../upstream/shared/breaker-memory.ts";
import type { NetworkFilterWorkerSide } from "../extension.ts";
import { NetworkStatus, type NetworkFilter, type NetworkFilterCallbacks } from "../filter.ts";
import type { TcpProxyConfig } from "./model.ts";
import { OnDemandCluster } from "./on-demand-cluster.ts";
import { TcpHash } from "./tcp-hash.ts";
import { TcpProxy } from "./tcp-proxy.ts";
import { Tunnel, type TunnelCallbacks } from "./tunnel.ts";
import type { Tunneling } from "./tunneling.ts";

const STATS = TCP_PROXY_STATS.at;

/** Why there is no upstream, as the numbers in Envoy's close reason. */
const Failure = { ConnectFailed: 0, NoHealthyUpstream: 1, ResourceLimitExceeded: 2, NoRoute: 3 };

/**
 * One proxied TCP connection: bytes and half closes go both ways; a slow side stops the other. It lives on for the
 * upstream connection when downstream is gone and not everything is delivered yet.
 */
class TcpProxyFilter implements NetworkFilter, TunnelCallbacks, TimerTarget {
  readonly #proxy: TcpProxy;
  readonly #callbacks: NetworkFilterCallbacks;
  #cluster: Cluster | null = null;
  #upstream: RawUpstream | null = null;
  /** The last one, if any: the log asks it. */
  #tunnel: Tunnel | null = null;
  readonly #onDemand: OnDemandCluster | null;
  #attempts = 0;
  /** What came when it was too much, and went no further. */
  #shedBytes = 0;
  /** Downstream is gone; upstream still takes what is left. */
  #flushing = false;
  readonly #idleTimer: Timer = new Timer(this);
  readonly #idleTimeoutMs: number;
  #durationTimer: Timer | null = null;
  #logTimer: Timer | null = null;

  constructor(proxy: TcpProxy, callbacks: NetworkFilterCallbacks) {
    this.#proxy = proxy;
    this.#callbacks = callbacks;
    this.#idleTimeoutMs = proxy.idleTimeoutMs(callbacks.streamInfo);
    const { onDemand } = proxy.config;
    this.#onDemand =
      onDemand && new OnDemandCluster(onDemand, proxy.services, () => this.#connect());
    // Here, because a filter in front may end the connection before this one is asked, and it counts all the same.
    proxy.count(STATS.downstream_cx_total, 1);
  }

  onNewConnection(): NetworkStatus {
    const { config, services } = this.#proxy;
    this.#callbacks.streamInfo.identity = "own";
    if (services.overload.sheds(ShedPoint.TcpProxyUpstreamConnect)) {
      this.#shed();
      return NetworkStatus.StopIteration;
    }
    // Nothing is read before there is somebody to give it to.
    this.#callbacks.connection.readDisable(true);
    if (config.maxDownstreamConnectionDurationMs > 0) {
      this.#durationTimer = new Timer(this);
      services.worker.timers.arm(this.#durationTimer, this.#proxy.connectionDurationMs());
    }
    this.#touch();
    if (config.logOnStart) this.#log("TcpConnectionStart");
    if (config.logIntervalMs > 0) {
      this.#logTimer = new Timer(this);
      services.worker.timers.arm(this.#logTimer, config.logIntervalMs);
    }
    this.#connect();
    return NetworkStatus.StopIteration;
  }

  onData(buffer: Buffer, start: number, end: number): NetworkStatus {
    this.#touch();
    this.#callbacks.streamInfo.bytesReceived += end - start;
    this.#proxy.count(STATS.downstream_cx_rx_bytes_total, end - start);
    if (this.#proxy.services.overload.sheds(ShedPoint.TcpProxyOnData)) {
      this.#shedBytes = end - start;
      this.#shed();
      return NetworkStatus.StopIteration;
    }
    this.#upstream?.write(buffer.subarray(start, end));
    return NetworkStatus.StopIteration;
  }

  onEndStream(): void {
    this.#upstream?.halfClose();
  }

  onClose(reason: CloseReason): void {
    const { timers } = this.#proxy.services.worker;
    if (this.#durationTimer !== null) timers.cancel(this.#durationTimer);
    if (this.#logTimer !== null) timers.cancel(this.#logTimer);
    this.#onDemand?.cancel();
    const upstream = this.#upstream;
    if (reason === "remote" && upstream !== null && upstream.unsentBytes > 0) {
      this.#flush(upstream);
    } else {
      timers.cancel(this.#idleTimer);
      this.#upstream = null;
      upstream?.close(reason === "remote_reset");
    }
    const { streamInfo } = this.#callbacks;
    if (reason === "remote_reset") streamInfo.downstreamCloseType = "RemoteReset";
    streamInfo.endMs = this.#proxy.services.worker.nowMs();
    this.#log("TcpConnectionEnd");
  }

  onAboveWriteBufferHighWatermark(): void {
    this.#countCluster(CLUSTER_STATS.at.upstream_flow_control_paused_reading_total);
    this.#upstream?.readDisable(true);
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#countCluster(CLUSTER_STATS.at.upstream_flow_control_resumed_reading_total);
    this.#upstream?.readDisable(false);
  }

  onTimer(timer: Timer): void {
    const { connection, streamInfo } = this.#callbacks;
    if (timer === this.#logTimer) {
      this.#proxy.services.worker.timers.arm(timer, this.#proxy.config.logIntervalMs);
      this.#log("TcpPeriodic");
      return;
    }
    if (timer !== this.#idleTimer) {
      this.#proxy.count(STATS.max_downstream_connection_duration, 1);
      streamInfo.responseFlags |= ResponseFlag.DurationTimeout;
      noteLocalClose(streamInfo, "max_connection_duration_reached");
      connection.close("local");
      return;
    }
    if (this.#stillDrains()) return;
    this.#proxy.count(STATS.idle_timeout, 1);
    if (this.#flushing) {
      this.#upstream!.close();
      return;
    }
    noteLocalClose(streamInfo, "tcp_session_idle_timeout");
    connection.close("local");
  }

  // Upstream.

  onUpstreamConnected(upstream: RawUpstream): void {
    const info = this.#callbacks.streamInfo;
    info.upstream.localAddress = upstream.localAddress;
    info.upstream.connectionId = upstream.connectionId;
    info.upstream.tls = upstream.tls;
    this.#touch();
    if (this.#proxy.config.logOnConnected) this.#log("TcpUpstreamConnected");
    this.#callbacks.connection.readDisable(false);
  }

  onUpstreamConnectFailure(reason: string): void {
    const info = this.#callbacks.streamInfo;
    this.#upstream = null;
    info.responseFlags |= ResponseFlag.UpstreamConnectionFailure;
    info.upstream.transportFailureReason = reason;
    this.#connect();
  }

  onTunnelOverflow(refused: boolean): void {
    const { upstream } = this.#callbacks.streamInfo;
    this.#upstream = null;
    if (refused) upstream.hostAddress = null;
    this.#connect();
  }

  onUpstreamData(buffer: Buffer, start: number, end: number): void {
    this.#touch();
    this.#callbacks.streamInfo.bytesSent += end - start;
    this.#proxy.count(STATS.downstream_cx_tx_bytes_total, end - start);
    this.#callbacks.connection.writeBytes(buffer.subarray(start, end));
  }

  onUpstreamEndStream(): void {
    this.#callbacks.connection.halfClose();
  }

  onUpstreamClose(reason: CloseReason): void {
    this.#proxy.services.worker.timers.cancel(this.#idleTimer);
    if (this.#upstream === null) return;
    this.#upstream = null;
    if (this.#flushing) {
      this.#proxy.count(STATS.upstream_flush_active, -1);
      return;
    }
    const { connection, streamInfo } = this.#callbacks;
    if (reason === "remote_reset") {
      streamInfo.responseFlags |= ResponseFlag.UpstreamRemoteReset;
      streamInfo.upstream.closeType = "RemoteReset";
      streamInfo.downstreamCloseType = "LocalReset";
      connection.close("local", true);
    } else {
      connection.closeAfterFlush(0);
    }
  }

  onUpstreamAboveWriteBufferHighWatermark(): void {
    this.#proxy.count(STATS.downstream_flow_control_paused_reading_total, 1);
    this.#callbacks.connection.readDisable(true);
  }

  onUpstreamBelowWriteBufferLowWatermark(): void {
    this.#proxy.count(STATS.downstream_flow_control_resumed_reading_total, 1);
    this.#callbacks.connection.readDisable(false);
  }

  #connect(): void {
    const { services, config } = this.#proxy;
    const info = this.#callbacks.streamInfo;
    const name = this.#proxy.chooseCluster(info);
    const cluster = services.clusters.get(name);
    info.upstream.clusterName = name;
    info.upstream.closeType = "Normal";
    if (cluster === undefined) {
      if (this.#onDemand?.ask(name) === true) return;
      this.#proxy.count(STATS.downstream_cx_no_route, 1);
      this.#fail(ResponseFlag.NoClusterFound, Failure.NoRoute);
      return;
    }
    this.#cluster = cluster;
    info.upstream.clusterObservabilityName = cluster.config.observabilityName;
    info.upstream.clusterMetadata = cluster.config.metadata;
    info.upstream.cluster = cluster;
    const breaker = cluster.breakers.default;
    if (!breaker.tryAcquire(Resource.Connections)) {
      this.#fail(ResponseFlag.UpstreamOverflow, Failure.ResourceLimitExceeded);
      return;
    }
    const host =
      this.#attempts < config.maxConnectAttempts ? this.#chooseHost(cluster) : this.#giveUp();
    const tunneling = this.#proxy.tunnelingOf(info);
    const upstream = host === null || tunneling !== null ? null : this.#openSocket(cluster, host);
    this.#upstream = upstream;
    // The pool of a tunnel takes places of its own.
    if (upstream === null) breaker.release(Resource.Connections);
    if (host !== null && tunneling !== null) this.#openTunnel(cluster, host, tunneling);
  }

  /** For the next attempt; null when the downstream connection is closed instead. */
  #chooseHost(cluster: Cluster): Host | null {
    const { streamInfo } = this.#callbacks;
    const host = cluster.chooseHost(
      cluster.hashes ? new TcpHash(cluster, this.#proxy.hashPolicies, streamInfo) : null,
    );
    if (host === null) {
      this.#countCluster(CLUSTER_STATS.at.upstream_cx_none_healthy);
      this.#fail(ResponseFlag.NoHealthyUpstream, Failure.NoHealthyUpstream);
      return null;
    }
    streamInfo.upstream.attemptCount = ++this.#attempts;
    return host;
  }

  #openSocket(cluster: Cluster, host: Host): TcpUpstream | null {
    if (!cluster.breakers.default.tryAcquire(Resource.PendingRequests)) {
      // As in Envoy an attempt like any other, only that the next one would find no place either.
      return this.#giveUp();
    }
    if (this.#proxy.services.overload.sheds(ShedPoint.ConnectionPoolNewConnection)) {
      cluster.breakers.default.release(Resource.PendingRequests);
      this.#countCluster(CLUSTER_STATS.at.upstream_rq_pending_total);
      this.#countCluster(CLUSTER_STATS.at.upstream_rq_cancelled);
      return this.#giveUp();
    }
    noteHost(this.#callbacks.streamInfo.upstream, host);
    return new TcpUpstream(cluster, host, this.#proxy.services, this);
  }

  #openTunnel(cluster: Cluster, host: Host, tunneling: Tunneling): void {
    const { pools } = this.#proxy.services;
    const { streamInfo } = this.#callbacks;
    const pool = pools.of(cluster, host, "default", poolKindFor(cluster, ""), null);
    if (pool === null) {
      this.#giveUp();
      return;
    }
    noteHost(streamInfo.upstream, host);
    this.#tunnel = new Tunnel(tunneling, pool, streamInfo, this, this.#tunnel);
    this.#upstream = this.#tunnel;
    this.#tunnel.start();
  }

  #giveUp(): null {
    this.#countCluster(CLUSTER_STATS.at.upstream_cx_connect_attempts_exceeded);
    this.#fail(ResponseFlag.UpstreamRetryLimitExceeded, Failure.ConnectFailed);
    return null;
  }

  #fail(flag: number, failure: number): void {
    const { streamInfo } = this.#callbacks;
    streamInfo.responseFlags |= flag;
    // Envoy spells it so.
    streamInfo.downstreamLocalCloseReason = `tcp_initializion_failure:${failure}`;
    this.#callbacks.connection.close("local");
  }

  /** The overload manager ends the connection here. */
  #shed(): void {
    this.#proxy.count(STATS.downstream_cx_overload_close, 1);
    this.#callbacks.streamInfo.responseFlags |= ResponseFlag.OverloadManager;
    this.#callbacks.connection.close("local");
  }

  /** What upstream has not read yet is still delivered when downstream is gone. */
  #flush(upstream: RawUpstream): void {
    this.#flushing = true;
    this.#proxy.count(STATS.upstream_flush_total, 1);
    this.#proxy.count(STATS.upstream_flush_active, 1);
    upstream.closeAfterFlush();
  }

  #touch(): void {
    if (this.#idleTimeoutMs === Infinity) return;
    this.#proxy.services.worker.timers.arm(this.#idleTimer, this.#idleTimeoutMs);
  }

  /** A peer that slowly reads what was queued for it is not idle, although nothing new comes in. */
  #stillDrains(): boolean {
    const { worker } = this.#proxy.services;
    const drainMs = Math.max(
      this.#callbacks.connection.lastDrainMs,
      this.#upstream?.lastDrainMs ?? 0,
    );
    const leftMs = drainMs + this.#idleTimeoutMs - worker.nowMs();
    if (leftMs <= 0) return false;
    worker.timers.arm(this.#idleTimer, leftMs);
    return true;
  }

  #countCluster(stat: number): void {
    if (this.#cluster !== null)
      this.#proxy.services.worker.stats.slots[this.#cluster.statsBase + stat]! += 1;
  }

  #log(type: string): void {
    if (this.#proxy.accessLogs.length === 0) return;
    const info = this.#callbacks.streamInfo;
    info.accessLogType = type;
    info.downstreamWireBytesReceived = info.bytesReceived;
    info.downstreamWireBytesSent = info.bytesSent;
    // Those of a tunnel count beside its content, as in Envoy.
    info.upstreamWireBytesReceived = info.bytesSent + (this.#tunnel?.bytesReceived ?? 0);
    info.upstreamWireBytesSent =
      info.bytesReceived - this.#shedBytes + (this.#tunnel?.bytesSent ?? 0);
    const context = connectionContext(info);
    for (const log of this.#proxy.accessLogs) log.log(context);
  }
}

/** Worker side of the TCP proxy. */
export const tcpProxyWorkerSide: NetworkFilterWorkerSide<TcpProxyConfig> = {
  configType: "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
  build(config, services) {
    const proxy = new TcpProxy(config, services);
    return {
      halfClose: true,
      create: (callbacks) => new TcpProxyFilter(proxy, callbacks),
      close: () => proxy.close(),
    };
  },
};

/** The proxy parts with both sides. */
function noteLocalClose(streamInfo: StreamInfo, reason: string): void {
  streamInfo.downstreamLocalCloseReason = reason;
  streamInfo.upstream.localCloseReason = reason;
}
