import type { HeaderMap } from "@nuncio/codec";
import type { ActiveStream } from "./active-stream.ts";

/** The log names the cluster that the request goes to before it goes there. */
export function noteCluster(stream: ActiveStream, headers: HeaderMap): void {
  const route = stream.route();
  const { upstream } = stream.streamInfo;
  if (route?.kind === "route") upstream.clusterName = route.clusterName(headers);
  const cluster = stream.manager.services.clusters.get(upstream.clusterName);
  if (cluster !== undefined) upstream.clusterObservabilityName = cluster.config.observabilityName;
}
