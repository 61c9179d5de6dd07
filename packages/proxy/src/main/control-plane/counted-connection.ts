import net from "node:net";
import tls from "node:tls";
import type { ConnectionObserver, ExchangeEnd } from "@nuncio/xds";
import { CodeStats } from "../../http/router/code-stats.ts";
import { touchScope, type WorkerStats } from "../../observe/stats/definition.ts";
import { CLUSTER_STATS, touchUpstreamHttp1 } from "../../observe/stats/tables/cluster.ts";
import { HTTP2_STATS } from "../../observe/stats/tables/http2.ts";
import type { ClusterConfig } from "../../upstream/model.ts";
import { HostCounter } from "../../upstream/shared/host-memory.ts";

type ClusterStat = keyof typeof CLUSTER_STATS.at;

/** A cluster whose statistics are counted into. */
export interface CountedCluster {
  readonly config: ClusterConfig;
  /** Whether it is still there: its statistics are somebody else's when it is not. */
  isThere(): boolean;
  /** Counts for the host, which `/clusters` and load reports show. */
  countHost(counter: HostCounter, by: number): void;
}

/** One connection to a control plane, counted in its cluster's statistics as those of workers are. Main thread. */
export class CountedConnection implements ConnectionObserver {
  readonly #cluster: CountedCluster;
  readonly #stats: WorkerStats;
  readonly #codes: CodeStats;
  readonly #isHttp2: boolean;
  readonly #startMs: number = performance.now();
  #socket: net.Socket | null = null;
  #isConnected = false;
  #isClosing = false;
  #status = 0;
  #requests = 0;
  #active = 0;
  #received = 0;
  #sent = 0;

  constructor(cluster: CountedCluster, stats: WorkerStats, isHttp2: boolean) {
    this.#cluster = cluster;
    this.#stats = stats;
    this.#isHttp2 = isHttp2;
    const { config } = cluster;
    this.#codes = new CodeStats(stats, { config, statsBase: config.scope.base }, true);
  }

  /** Follows the socket from its making on; `onClose` is called once, when it is gone. */
  follow(socket: net.Socket, onClose: () => void): net.Socket {
    const { connectTimeoutMs, scope, http } = this.#cluster.config;
    this.#socket = socket;
    this.#count("upstream_cx_total");
    this.#count("upstream_cx_active");
    this.#cluster.countHost(HostCounter.CxTotal, 1);
    this.#cluster.countHost(HostCounter.CxActive, 1);
    this.#count(this.#isHttp2 ? "upstream_cx_http2_total" : "upstream_cx_http1_total");
    this.#count("upstream_rq_pending_total");
    this.#count("upstream_rq_pending_active");
    if (this.#isHttp2 && http.http2 !== null)
      touchScope(this.#stats, http.http2.scope, HTTP2_STATS);
    if (!this.#isHttp2) touchUpstreamHttp1(this.#stats.slots, scope.base);
    const timer = setTimeout(() => this.#timedOut(), connectTimeoutMs).unref();
    socket.once(socket instanceof tls.TLSSocket ? "secureConnect" : "connect", () => {
      clearTimeout(timer);
      if (!socket.destroyed) this.#connected();
    });
    socket.once("close", () => {
      clearTimeout(timer);
      this.#closed();
      onClose();
    });
    return socket;
  }

  /** Counts what was read and written since the last time. */
  countBytes(): void {
    if (this.#socket === null) return;
    const { bytesRead, bytesWritten } = this.#socket;
    this.#count("upstream_cx_rx_bytes_total", bytesRead - this.#received);
    this.#count("upstream_cx_tx_bytes_total", bytesWritten - this.#sent);
    this.#received = bytesRead;
    this.#sent = bytesWritten;
  }

  onRequest(): void {
    this.#requests += 1;
    this.#addActive(1);
    this.#count("upstream_rq_total");
    this.#cluster.countHost(HostCounter.RqTotal, 1);
  }

  onResponse(status: number): void {
    this.#status = status;
    if (this.#cluster.isThere()) this.#codes.count(status, true, false, true);
  }

  onEnd(how: ExchangeEnd): void {
    const isGood = how === "complete" && this.#status < 500;
    this.#addActive(-1);
    this.#cluster.countHost(isGood ? HostCounter.RqSuccess : HostCounter.RqError, 1);
    if (how === "remote_reset") {
      this.#count("upstream_rq_rx_reset");
      this.#countHttp2("rx_reset");
    } else if (how === "local_reset") {
      this.#count("upstream_rq_tx_reset");
      this.#countHttp2("tx_reset");
    } else if (how === "connection_closed") this.#count("upstream_rq_pending_failure_eject");
  }

  onKeepaliveTimeout(): void {
    this.#isClosing = true;
    this.#countHttp2("keepalive_timeout");
  }

  onClosing(): void {
    this.#isClosing = true;
  }

  #connected(): void {
    this.#isConnected = true;
    this.#count("upstream_rq_pending_active", -1);
    this.#record("upstream_cx_connect_ms");
  }

  #timedOut(): void {
    this.#isClosing = true;
    this.#count("upstream_cx_connect_timeout");
    this.#socket?.destroy(new Error("connection timeout"));
  }

  #closed(): void {
    const side = this.#isClosing ? "local" : "remote";
    this.countBytes();
    this.#socket = null;
    this.#count("upstream_cx_active", -1);
    this.#cluster.countHost(HostCounter.CxActive, -1);
    this.#count("upstream_cx_destroy");
    this.#count(`upstream_cx_destroy_${side}`);
    this.#record("upstream_cx_length_ms");
    if (!this.#isConnected) this.#neverConnected();
    else this.#record("upstream_rq_per_cx", this.#requests);
    if (this.#active === 0) return;
    this.#count("upstream_cx_destroy_with_active_rq");
    this.#count(`upstream_cx_destroy_${side}_with_active_rq`);
  }

  #neverConnected(): void {
    this.#count("upstream_rq_pending_active", -1);
    this.#count("upstream_cx_connect_fail");
    this.#cluster.countHost(HostCounter.CxConnectFail, 1);
    this.#cluster.countHost(HostCounter.RqError, 1);
    this.#count("upstream_rq_pending_failure_eject");
    this.onResponse(503);
  }

  #addActive(by: 1 | -1): void {
    this.#active += by;
    this.#count("upstream_rq_active", by);
    this.#cluster.countHost(HostCounter.RqActive, by);
    this.#countHttp2("streams_active", by);
  }

  #count(name: ClusterStat, by = 1): void {
    if (!this.#cluster.isThere()) return;
    this.#stats.slots[this.#cluster.config.scope.base + CLUSTER_STATS.at[name]]! += by;
  }

  #countHttp2(name: keyof typeof HTTP2_STATS.at, by = 1): void {
    const { http2 } = this.#cluster.config.http;
    if (!this.#isHttp2 || http2 === null || !this.#cluster.isThere()) return;
    this.#stats.slots[http2.scope.base + HTTP2_STATS.at[name]]! += by;
  }

  #record(name: ClusterStat, value = Math.round(performance.now() - this.#startMs)): void {
    if (!this.#cluster.isThere()) return;
    this.#stats.record(this.#cluster.config.scope.histogramBase + CLUSTER_STATS.at[name], value);
  }
}
