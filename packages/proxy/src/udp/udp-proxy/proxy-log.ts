import type { AccessLog } from "../../observe/access-log/access-log.ts";
import { UDP_PROXY_STATS } from "../../observe/stats/tables/udp-proxy.ts";
import { connectionContext, StreamInfo } from "../../observe/stream-info.ts";
import type { UdpProxy } from "./udp-proxy.ts";

const STATS = UDP_PROXY_STATS.at;

/** Writes the line of a proxy when it ends (`proxy_access_log`), with what this worker has counted below its `stat_prefix`. */
export class ProxyLog {
  readonly #proxy: UdpProxy;
  readonly #logs: readonly AccessLog[];
  readonly #info = new StreamInfo();

  constructor(proxy: UdpProxy) {
    const { worker } = proxy.services;
    this.#proxy = proxy;
    this.#logs = proxy.services.buildAccessLogs(proxy.config.proxyAccessLogs);
    this.#info.startMs = worker.nowMs();
    this.#info.startTimeMs = worker.wallMs();
    this.#info.identity = "none";
  }

  end(): void {
    if (this.#logs.length === 0) return;
    const { config, services } = this.#proxy;
    const { slots } = services.worker.stats;
    const { base } = config.scope;
    this.#info.endMs = services.worker.nowMs();
    this.#info.dynamicMetadata = {
      "udp.proxy.proxy": {
        bytes_received: slots[base + STATS.downstream_sess_rx_bytes]!,
        bytes_sent: slots[base + STATS.downstream_sess_tx_bytes]!,
        datagrams_received: slots[base + STATS.downstream_sess_rx_datagrams]!,
        datagrams_sent: slots[base + STATS.downstream_sess_tx_datagrams]!,
        errors_received: slots[base + STATS.downstream_sess_rx_errors]!,
        errors_sent: slots[base + STATS.downstream_sess_tx_errors]!,
        idle_timeout: slots[base + STATS.idle_timeout]!,
        no_route: slots[base + STATS.downstream_sess_no_route]!,
        session_total: slots[base + STATS.downstream_sess_total]!,
      },
    };
    const context = connectionContext(this.#info);
    for (const log of this.#logs) {
      log.log(context);
      log.close();
    }
  }
}
