import { typeNameOfAny } from "@nuncio/api";
import type { Cluster } from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import type { CompileContext } from "../../config/context.ts";
import type { UpstreamPool } from "../model.ts";

/** By the type of `upstream_config`. */
const POOLS: { readonly [type: string]: UpstreamPool } = {
  "envoy.extensions.upstreams.http.generic.v3.GenericConnectionPoolProto": "generic",
  "envoy.extensions.upstreams.http.http.v3.HttpConnectionPoolProto": "http",
  "envoy.extensions.upstreams.http.tcp.v3.TcpConnectionPoolProto": "tcp",
  "envoy.extensions.upstreams.http.udp.v3.UdpConnectionPoolProto": "udp",
};

/** `upstream_config`; without one Envoy takes the generic pool. */
export function compileUpstreamPool(cluster: Cluster, ctx: CompileContext): UpstreamPool {
  const { upstreamConfig: extension } = cluster;
  const any = extension?.typedConfig;
  // validate.rules ask for a configuration.
  if (any === undefined) return "generic";
  const type = typeNameOfAny(any);
  const pool = POOLS[type];
  if (pool === undefined) {
    const text = `Didn't find a registered implementation for '${extension!.name}' with type URL: '${type}'`;
    ctx.problems.error(extension!, "typed_config", text);
  }
  return pool ?? "generic";
}
