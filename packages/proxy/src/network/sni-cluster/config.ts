import type { NetworkFilterConfigSide } from "../extension.ts";

const TYPE = "envoy.extensions.filters.network.sni_cluster.v3.SniCluster";

/** Main side of the SNI cluster filter; there is nothing to configure. */
export const sniClusterConfigSide: NetworkFilterConfigSide = {
  name: "envoy.filters.network.sni_cluster",
  configType: TYPE,
  terminal: false,
  implemented: { [TYPE]: "all" },
  compile: () => null,
};
