import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { TCP_PROXY_STATS } from "../../observe/stats/tables/tcp-proxy.ts";
import { ResponseFlag, type FormatContext } from "../../observe/stream-info.ts";
import type { CloseReason } from "../../transport/connection.ts";
import { TcpUpstream, type TcpUpstreamCallbacks } from "../../upstream/pool/tcp-upstream.ts";
import { Resource } from "../../upstream/shared/breaker-memory.ts";
import type { NetworkFilterWorkerSide } from "../extension.ts";
import { NetworkStatus, type NetworkFilter, type NetworkFilterCallbacks } from "../filter.ts";
import type { TcpProxyConfig } from "./model.ts";
import { TcpProxy } from "./tcp-proxy.ts";

const STATS = TCP_PROXY_STATS.at;

/** One proxied TCP connection: bytes and half closes go both ways; a slow side stops the other. */
class TcpProxyFilter implements NetworkFilter, TcpUpstreamCallbacks, TimerTarget {
  readonly #proxy: TcpProxy;
  readonly #callbacks: NetworkFilterCallbacks;
  #upstream: TcpUpstream | null = null;
  #attempts = 0;
  /** Downstream's FIN came before the upstream connection was there. */
  #endStream = false;
  readonly #idleTimer: Timer = new Timer(this);
  #durationTimer: Timer | null = null;

  constructor(proxy: TcpProxy, callbacks: NetworkFilterCallbacks) {
    this.#proxy = proxy;
    this.#callbacks = callbacks;
  }

  onNewConnection(): NetworkStatus {
    const { config, services } = this.#proxy;
    this.#proxy.count(STATS.downstream_cx_total, 1);
    this.#callbacks.streamInfo.accessLogType = "TcpConnectionEnd";
    // Nothing is read before there is somebody to give it to.
    this.#callbacks.connection.readDisable(true);
    if (config.maxDownstreamConnectionDurationMs > 0) {
      this.#durationTimer = new Timer(this);
      services.worker.timers.arm(this.#durationTimer, config.maxDownstreamConnectionDurationMs);
    }
    this.#connect();
    return NetworkStatus.StopIteration;
  }

  onData(buffer: Buffer, start: number, end: number): NetworkStatus {
    this.#touch();
    this.#callbacks.streamInfo.bytesReceived += end - start;
    this.#proxy.count(STATS.downstream_cx_rx_bytes_total, end - start);
    this.#upstream!.connection!.writeBytes(buffer.subarray(start, end));
    return NetworkStatus.StopIteration;
  }

  onEndStream(): void {
    const socket = this.#upstream?.connection;
    if (socket) socket.halfClose();
    else this.#endStream = true;
  }

  onClose(reason: CloseReason): void {
    const { timers } = this.#proxy.services.worker;
    timers.cancel(this.#idleTimer);
    if (this.#durationTimer !== null) timers.cancel(this.#durationTimer);
    const info = this.#callbacks.streamInfo;
    const upstream = this.#upstream;
    this.#upstream = null;
    if (upstream !== null) {
      if (reason === "remote_reset") info.responseFlags |= ResponseFlag.DownstreamConnectionTermination;
      this.#closeUpstream(upstream);
    }
    this.#proxy.count(STATS.downstream_cx_tx_bytes_total, info.bytesSent);
    info.endMs = this.#proxy.services.worker.nowMs();
    const context: FormatContext = {
      streamInfo: info,
      requestHeaders: null,
      responseHeaders: null,
      responseTrailers: null,
      localReplyBody: "",
    };
    for (const log of this.#proxy.accessLogs) log.log(context);
  }

  onAboveWriteBufferHighWatermark(): void {
    this.#proxy.count(STATS.downstream_flow_control_paused_reading_total, 1);
    this.#upstream?.connection?.readDisable(true);
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#proxy.count(STATS.downstream_flow_control_resumed_reading_total, 1);
    this.#upstream?.connection?.readDisable(false);
  }

  onTimer(timer: Timer): void {
    const idle = timer === this.#idleTimer;
    this.#proxy.count(idle ? STATS.idle_timeout : STATS.max_downstream_connection_duration, 1);
    if (!idle) this.#callbacks.streamInfo.responseFlags |= ResponseFlag.DurationTimeout;
    this.#callbacks.connection.close("local");
  }

  // Upstream.

  onUpstreamConnected(upstream: TcpUpstream): void {
    const info = this.#callbacks.streamInfo;
    info.upstream.localAddress = upstream.localAddress;
    info.upstream.connectionId = upstream.connection!.id;
    const { idleTimeoutMs } = this.#proxy.config;
    if (idleTimeoutMs > 0) this.#proxy.services.worker.timers.arm(this.#idleTimer, idleTimeoutMs);
    if (this.#endStream) upstream.connection!.halfClose();
    this.#callbacks.connection.readDisable(false);
  }

  onUpstreamConnectFailure(details: string): void {
    const info = this.#callbacks.streamInfo;
    this.#upstream = null;
    info.upstream.transportFailureReason = details;
    if (this.#attempts < this.#proxy.config.maxConnectAttempts) {
      this.#connect();
      return;
    }
    this.#proxy.countCluster(info.upstream.clusterName, CLUSTER_STATS.at.upstream_cx_connect_attempts_exceeded);
    this.#fail(ResponseFlag.UpstreamConnectionFailure);
  }

  onUpstreamData(buffer: Buffer, start: number, end: number): void {
    this.#touch();
    this.#callbacks.streamInfo.bytesSent += end - start;
    this.#callbacks.connection.writeBytes(buffer.subarray(start, end));
  }

  onUpstreamEndStream(): void {
    this.#callbacks.connection.halfClose();
  }

  onUpstreamClose(reason: CloseReason): void {
    if (this.#upstream === null) return;
    this.#upstream = null;
    const { connection, streamInfo } = this.#callbacks;
    if (reason === "remote_reset") streamInfo.responseFlags |= ResponseFlag.UpstreamConnectionTermination;
    if (reason === "local") connection.close("local");
    else connection.closeAfterFlush(0);
  }

  onUpstreamAboveWriteBufferHighWatermark(): void {
    this.#callbacks.connection.readDisable(true);
  }

  onUpstreamBelowWriteBufferLowWatermark(): void {
    this.#callbacks.connection.readDisable(false);
  }

  #connect(): void {
    const { services } = this.#proxy;
    const info = this.#callbacks.streamInfo;
    const name = this.#proxy.chooseCluster();
    const cluster = services.clusters.get(name);
    info.upstream.clusterName = name;
    if (cluster === undefined) {
      this.#proxy.count(STATS.downstream_cx_no_route, 1);
      this.#fail(ResponseFlag.NoClusterFound);
      return;
    }
    info.upstream.clusterObservabilityName = cluster.config.observabilityName;
    info.upstream.clusterMetadata = cluster.config.metadata;
    const host = cluster.chooseHost(null);
    if (host === null) {
      this.#proxy.countCluster(name, CLUSTER_STATS.at.upstream_cx_none_healthy);
      this.#fail(ResponseFlag.NoHealthyUpstream);
      return;
    }
    if (!cluster.breakers.default.tryAcquire(Resource.Connections)) {
      this.#fail(ResponseFlag.UpstreamOverflow);
      return;
    }
    info.upstream.attemptCount = ++this.#attempts;
    info.upstream.hostAddress = host.address;
    info.upstream.hostName = host.hostname;
    info.upstream.hostMetadata = host.metadata;
    this.#upstream = new TcpUpstream(cluster, host, services, this);
  }

  #fail(flag: number): void {
    this.#callbacks.streamInfo.responseFlags |= flag;
    this.#callbacks.connection.close("local");
  }

  /** What the upstream has not read yet is still delivered when downstream is gone. */
  #closeUpstream(upstream: TcpUpstream): void {
    const socket = upstream.connection;
    if (socket === null || socket.unsentBytes === 0) {
      upstream.close();
      return;
    }
    this.#proxy.count(STATS.upstream_flush_total, 1);
    socket.closeAfterFlush(0);
  }

  #touch(): void {
    const { config, services } = this.#proxy;
    if (config.idleTimeoutMs > 0) services.worker.timers.arm(this.#idleTimer, config.idleTimeoutMs);
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
