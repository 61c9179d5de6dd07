import { defineStats, touchSlot } from "../definition.ts";
import { CLUSTER_STATS } from "./cluster.ts";

/** `udp.<stat_prefix>.*` of a UDP proxy. */
export const UDP_PROXY_STATS = defineStats({
  downstream_sess_active: "gauge",
  downstream_sess_no_route: "counter",
  downstream_sess_rx_bytes: "counter",
  downstream_sess_rx_datagrams: "counter",
  downstream_sess_rx_errors: "counter",
  downstream_sess_total: "counter",
  downstream_sess_tx_bytes: "counter",
  downstream_sess_tx_datagrams: "counter",
  downstream_sess_tx_errors: "counter",
  idle_timeout: "counter",
  session_filter_config_missing: "counter",
});

/** `listener.<address>.udp.*`. */
export const LISTENER_UDP_STATS = defineStats({ downstream_rx_datagram_dropped: "counter" });

/** Makes the `udp.` stats of a cluster appear, as they do when a UDP proxy may use it. */
export function touchClusterUdp(slots: Float64Array, base: number): void {
  for (const stat of CLUSTER_UDP) touchSlot(slots, base + stat);
}

const CLUSTER_UDP = [
  CLUSTER_STATS.at["udp.sess_rx_datagrams"],
  CLUSTER_STATS.at["udp.sess_rx_datagrams_dropped"],
  CLUSTER_STATS.at["udp.sess_rx_errors"],
  CLUSTER_STATS.at["udp.sess_tunnel_buffer_overflow"],
  CLUSTER_STATS.at["udp.sess_tunnel_failure"],
  CLUSTER_STATS.at["udp.sess_tunnel_success"],
  CLUSTER_STATS.at["udp.sess_tx_datagrams"],
  CLUSTER_STATS.at["udp.sess_tx_errors"],
];
