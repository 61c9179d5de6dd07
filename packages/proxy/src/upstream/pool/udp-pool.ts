import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { errnoText } from "../../transport/errno.ts";
import type { Cluster } from "../cluster.ts";
import type { Host } from "../host.ts";
import type { PoolServices } from "./http-pool.ts";
import type { PoolRequest, RequestPool } from "./pool-request.ts";
import { UdpStream } from "./udp-stream.ts";

/** Gives each request a UDP socket of its own. Nobody waits, and nothing is limited or counted, as in Envoy. */
export class UdpPool implements RequestPool {
  readonly cluster: Cluster;
  readonly host: Host;
  readonly services: PoolServices;

  constructor(cluster: Cluster, host: Host, services: PoolServices) {
    this.cluster = cluster;
    this.host = host;
    this.services = services;
  }

  count(stat: number, by = 1): void {
    this.services.worker.stats.slots[this.cluster.statsBase + stat]! += by;
  }

  newStream(request: PoolRequest): void {
    const stream = new UdpStream(this, request);
    const { sourceAddress } = this.cluster.config;
    const status = stream.connect(sourceAddress?.ip ?? "");
    if (status === 0) {
      request.onPoolReady(stream);
      return;
    }
    this.count(CLUSTER_STATS.at.upstream_cx_connect_fail);
    const reason = `immediate connect error: ${errnoText(status)}`;
    request.onPoolFailure("local_connection_failure", reason, false);
  }

  /** Nobody is ever pending. */
  cancel(): void {}
}
