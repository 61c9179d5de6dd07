import type { HeaderMap } from "@nuncio/codec";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { ROUTER_STATS } from "../../observe/stats/tables/router.ts";
import { ResponseFlag } from "../../observe/stream-info.ts";
import { ShedPoint } from "../../overload/points.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import type { DecoderFilterCallbacks } from "../filter.ts";
import type { RouteEntry } from "../route/entry.ts";
import type { Router } from "./router.ts";
import { invalidHeader } from "./strict-headers.ts";

/** The cluster of a request; null when there is none to use, and the request was answered. */
export function chooseCluster(
  router: Router,
  callbacks: DecoderFilterCallbacks,
  route: RouteEntry,
  headers: HeaderMap,
): Cluster | null {
  const info = callbacks.streamInfo;
  const name = route.clusterName(headers);
  const cluster = router.services.clusters.get(name);
  info.upstream.clusterName = name;
  if (cluster === undefined) {
    router.count(ROUTER_STATS.at.no_cluster);
    info.responseFlags |= ResponseFlag.NoClusterFound;
    callbacks.sendLocalReply(route.clusterNotFoundStatus, "", "cluster_not_found");
    return null;
  }
  info.upstream.clusterObservabilityName = cluster.config.observabilityName;
  info.upstream.clusterMetadata = cluster.config.metadata;
  info.upstream.cluster = cluster;
  if (!hasSoundHeaders(router, callbacks, headers)) return null;
  if (cluster.inMaintenance()) {
    refuseForMaintenance(router, callbacks, cluster, headers);
    return null;
  }
  if (cluster.shouldDropOverload()) {
    dropOverload(router, callbacks, cluster, headers);
    return null;
  }
  if (!router.services.overload.sheds(ShedPoint.HttpDownstreamFilterCheck)) return cluster;
  router.count(ROUTER_STATS.at.rq_overload_local_reply);
  // To Envoy the attempt has begun.
  info.upstream.attemptCount = 1;
  callbacks.sendLocalReply(503, "envoy overloaded", "overload");
  return null;
}

/** False when `strict_check_headers` found a header whose value makes no sense, and the request was answered. */
function hasSoundHeaders(
  { config }: Router,
  callbacks: DecoderFilterCallbacks,
  headers: HeaderMap,
): boolean {
  if (config.strictCheckHeaders === null) return true;
  const name = invalidHeader(config.strictCheckHeaders, headers);
  if (name === null) return true;
  callbacks.streamInfo.responseFlags |= ResponseFlag.InvalidEnvoyRequestHeaders;
  const body = `invalid header '${name}' with value '${headers.get(name)}'`;
  callbacks.sendLocalReply(400, body, `request_headers_failed_strict_check{${name}}`);
  return false;
}

/** One of the requests that the runtime keeps from the cluster. */
function refuseForMaintenance(
  router: Router,
  callbacks: DecoderFilterCallbacks,
  cluster: Cluster,
  headers: HeaderMap,
): void {
  callbacks.streamInfo.responseFlags |= ResponseFlag.UpstreamOverflow;
  router.codeStats(cluster).count(503, headers.get("x-envoy-internal") === "true", false, true);
  const { slots } = router.services.worker.stats;
  slots[cluster.statsBase + CLUSTER_STATS.at.upstream_rq_maintenance_mode]! += 1;
  cluster.countDropped();
  callbacks.sendLocalReply(503, "maintenance mode", "maintenance_mode", (response) => {
    if (!router.config.suppressEnvoyHeaders) response.set("x-envoy-overloaded", "true");
  });
}

/** One of the requests that `drop_overloads` gives up. */
function dropOverload(
  router: Router,
  callbacks: DecoderFilterCallbacks,
  cluster: Cluster,
  headers: HeaderMap,
): void {
  const unconditional = cluster.dropOverloadRatio >= 1;
  cluster.countDropped(true);
  const kind = unconditional ? "unconditional drop overload" : "drop overload";
  callbacks.streamInfo.responseFlags |= unconditional
    ? ResponseFlag.UnconditionalDropOverload
    : ResponseFlag.DropOverLoad;
  router.codeStats(cluster).count(503, headers.get("x-envoy-internal") === "true", false, true);
  callbacks.sendLocalReply(503, kind, kind.replaceAll(" ", "_"), (response) => {
    if (router.config.suppressEnvoyHeaders) return;
    response.set(`x-envoy-${kind.replaceAll(" ", "-")}`, "true");
  });
}
