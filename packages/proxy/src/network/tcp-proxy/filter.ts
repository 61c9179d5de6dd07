import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { TCP_PROXY_STATS } from "../../observe/stats/tables/tcp-proxy.ts";
import { ResponseFlag, type FormatContext, type StreamInfo } from "../../observe/stream-info.ts";
import type { CloseReason, Connection } from "../../transport/connection.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import { TcpUpstream, type TcpUpstreamCallbacks } from "../../upstream/pool/tcp-upstream.ts";
import { Resource } from "../../upstream/shared/breaker-memory.ts";
import type { NetworkFilterWorkerSide } from "../extension.ts";
import { NetworkStatus, type NetworkFilter, type NetworkFilterCallbacks } from "../filter.ts";
import type { TcpProxyConfig } from "./model.ts";
import { TcpHash } from "./tcp-hash.ts";
import { TcpProxy } from "./tcp-proxy.ts";

const STATS = TCP_PROXY_STATS.at;

/** Why there is no upstream, as the numbers in Envoy's close reason. */
const Failure = { ConnectFailed: 0, NoHealthyUpstream: 1, ResourceLimitExceeded: 2, NoRoute: 3 };

/**
 * One proxied TCP connection: bytes and half closes go both ways; a slow side stops the other. It lives on for the
 * upstream connection when downstream is gone and not everything is delivered yet.
 */
class TcpProxyFilter implements NetworkFilter, TcpUpstreamCallbacks, TimerTarget {
  readonly #proxy: TcpProxy;
  readonly #callbacks: NetworkFilterCallbacks;
  #cluster: Cluster | null = null;
  #upstream: TcpUpstream | null = null;
  #attempts = 0;
  /** Downstream is gone; upstream still takes what is left. */
  #flushing = false;
  readonly #idleTimer: Timer = new Timer(this);
  #durationTimer: Timer | null = null;
  #logTimer: Timer | null = null;

  constructor(proxy: TcpProxy, callbacks: NetworkFilterCallbacks) {
    this.#proxy = proxy;
    this.#callbacks = callbacks;
    // Here, because a filter in front may end the connection before this one is asked, and it counts all the same.
    proxy.count(STATS.downstream_cx_total, 1);
  }

  onNewConnection(): NetworkStatus {
    const { config, services } = this.#proxy;
    // Nothing is read before there is somebody to give it to.
    this.#callbacks.connection.readDisable(true);
    if (config.maxDownstreamConnectionDurationMs > 0) {
      this.#durationTimer = new Timer(this);
      services.worker.timers.arm(this.#durationTimer, this.#proxy.connectionDurationMs());
    }
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
    this.#upstream?.write(buffer.subarray(start, end));
    return NetworkStatus.StopIteration;
  }

  onEndStream(): void {
    this.#upstream?.connection?.halfClose();
  }

  onClose(reason: CloseReason): void {
    const { timers } = this.#proxy.services.worker;
    if (this.#durationTimer !== null) timers.cancel(this.#durationTimer);
    if (this.#logTimer !== null) timers.cancel(this.#logTimer);
    const upstream = this.#upstream;
    const unsent = upstream?.connection?.unsentBytes ?? 0;
    if (reason === "remote" && unsent > 0) {
      this.#flush(upstream!.connection!);
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
    this.#upstream?.connection?.readDisable(true);
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#countCluster(CLUSTER_STATS.at.upstream_flow_control_resumed_reading_total);
    this.#upstream?.connection?.readDisable(false);
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

  onUpstreamConnected(upstream: TcpUpstream): void {
    const info = this.#callbacks.streamInfo;
    info.upstream.localAddress = upstream.localAddress;
    info.upstream.connectionId = upstream.connection!.id;
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
    const upstream =
      this.#attempts < config.maxConnectAttempts ? this.#open(cluster) : this.#giveUp();
    if (upstream === null) breaker.release(Resource.Connections);
    this.#upstream = upstream;
  }

  /** The next attempt; null when the downstream connection is closed instead. */
  #open(cluster: Cluster): TcpUpstream | null {
    const { upstream } = this.#callbacks.streamInfo;
    const host = cluster.chooseHost(
      cluster.hashes
        ? new TcpHash(cluster, this.#proxy.hashPolicies, this.#callbacks.streamInfo)
        : null,
    );
    if (host === null) {
      this.#countCluster(CLUSTER_STATS.at.upstream_cx_none_healthy);
      this.#fail(ResponseFlag.NoHealthyUpstream, Failure.NoHealthyUpstream);
      return null;
    }
    upstream.attemptCount = ++this.#attempts;
    if (!cluster.breakers.default.tryAcquire(Resource.PendingRequests)) {
      // As in Envoy an attempt like any other, only that the next one would find no place either.
      return this.#giveUp();
    }
    upstream.hostAddress = host.address;
    upstream.hostName = host.hostname;
    upstream.hostMetadata = host.metadata;
    upstream.locality = host.locality;
    return new TcpUpstream(cluster, host, this.#proxy.services, this);
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

  /** What upstream has not read yet is still delivered when downstream is gone. */
  #flush(socket: Connection): void {
    this.#flushing = true;
    this.#proxy.count(STATS.upstream_flush_total, 1);
    this.#proxy.count(STATS.upstream_flush_active, 1);
    socket.closeAfterFlush(0);
  }

  #touch(): void {
    const { config, services } = this.#proxy;
    if (config.idleTimeoutMs > 0) services.worker.timers.arm(this.#idleTimer, config.idleTimeoutMs);
  }

  /** A peer that slowly reads what was queued for it is not idle, although nothing new comes in. */
  #stillDrains(): boolean {
    const { config, services } = this.#proxy;
    const drainMs = Math.max(
      this.#callbacks.connection.lastDrainMs,
      this.#upstream?.connection?.lastDrainMs ?? 0,
    );
    const leftMs = drainMs + config.idleTimeoutMs - services.worker.nowMs();
    if (leftMs <= 0) return false;
    services.worker.timers.arm(this.#idleTimer, leftMs);
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
    info.upstreamWireBytesReceived = info.bytesSent;
    info.upstreamWireBytesSent = info.bytesReceived;
    const context: FormatContext = {
      streamInfo: info,
      requestHeaders: null,
      responseHeaders: null,
      responseTrailers: null,
      localReplyBody: "",
    };
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
