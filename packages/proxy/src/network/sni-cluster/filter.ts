import type { FilterStateObject } from "../../observe/filter-state-object.ts";
import type { NetworkFilterWorkerSide } from "../extension.ts";
import { NetworkStatus, type NetworkFilter, type NetworkFilterCallbacks } from "../filter.ts";
import { TCP_CLUSTER_STATE } from "../tcp-proxy/tcp-proxy.ts";

/** Names the cluster of the TCP proxy behind it after the server that the client asks for. */
class SniClusterFilter implements NetworkFilter {
  readonly #callbacks: NetworkFilterCallbacks;

  constructor(callbacks: NetworkFilterCallbacks) {
    this.#callbacks = callbacks;
  }

  onNewConnection(): NetworkStatus {
    const { downstream, streamInfo } = this.#callbacks;
    const name = downstream.requestedServerName ?? "";
    if (name === "") return NetworkStatus.Continue;
    const cluster: FilterStateObject = { filterStateText: name, filterStateJson: undefined };
    (streamInfo.filterState ??= new Map()).set(TCP_CLUSTER_STATE, cluster);
    return NetworkStatus.Continue;
  }

  onData(): NetworkStatus {
    return NetworkStatus.Continue;
  }

  onEndStream(): void {}
  onClose(): void {}
  onAboveWriteBufferHighWatermark(): void {}
  onBelowWriteBufferLowWatermark(): void {}
}

/** Worker side of the SNI cluster filter. */
export const sniClusterWorkerSide: NetworkFilterWorkerSide = {
  configType: "envoy.extensions.filters.network.sni_cluster.v3.SniCluster",
  build: () => ({
    halfClose: true,
    create: (callbacks) => new SniClusterFilter(callbacks),
    close() {},
  }),
};
