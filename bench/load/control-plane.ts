/**
 * A control plane with many clusters, as a program of its own:
 * `node control-plane.ts XDS_PORT CONTROL_PORT PROXY_PORT BACKEND_PORT OTHER_BACKEND_PORT CLUSTERS`.
 *
 * ADS, delta. A route leads to each cluster, whose one endpoint is the backend or the other one. On the control port
 * `GET /effect?changes=N` moves an endpoint of N clusters, one after the other, and tells how long it took until a request
 * was answered by the new one, in milliseconds; `GET /updates?per_second=N&of=endpoints` begins to move endpoints of
 * clusters that no load goes to, or, `of=clusters`, to change their definitions, and tells how many updates there were so far;
 * 0 ends it.
 */
import { createServer } from "node:http";
import { LinearCache, listenGrpc, MuxCache, typeUrlOf, XdsServer } from "@nuncio/xds";
import { edsCluster, endpoints } from "../../interop/xds/resources.ts";
import { managedListener, manyRoutes } from "../dynamic-config.ts";
import { pathOfRoute } from "../envoy-config.ts";
import { median } from "../statistics.ts";
import { answers } from "./one-connection.ts";

const [xdsPort = 0, controlPort = 0, proxyPort = 0, backendPort = 0, otherPort = 0, count = 0] =
  process.argv.slice(2).map(Number);
/** Coarse: a control plane that wakes up each millisecond would measure itself, on the core it shares with the load. */
const TICK_MS = 10;
const MS_PER_SECOND = 1000;

const clusterName = (index: number): string => `cluster-${index}`;
const numbers = Array.from({ length: count }, (_, index) => index + 1);
const assignments = new LinearCache(
  typeUrlOf("EDS"),
  numbers.map((index) => endpoints(clusterName(index), backendPort)),
);
const clusters = new LinearCache(
  typeUrlOf("CDS"),
  numbers.map((index) => edsCluster(clusterName(index))),
);
const listeners = new LinearCache(typeUrlOf("LDS"), [managedListener(proxyPort)]);
const routes = new LinearCache(typeUrlOf("RDS"), [manyRoutes(count, clusterName)]);
const cache = new MuxCache(
  new Map([
    [typeUrlOf("EDS"), assignments],
    [typeUrlOf("CDS"), clusters],
    [typeUrlOf("LDS"), listeners],
    [typeUrlOf("RDS"), routes],
  ]),
);
/** Clusters whose endpoint is the other backend. */
const moved = new Set<number>();
let updates = 0;
let updating: NodeJS.Timeout | undefined;

await listenGrpc(new XdsServer({ cache }), { port: xdsPort });
createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://control");
  const work = pathname === "/effect" ? effect(Number(searchParams.get("changes"))) : null;
  if (work === null)
    update(Number(searchParams.get("per_second")), searchParams.get("of") === "clusters");
  void (work ?? Promise.resolve({ updates })).then((result) =>
    response.end(JSON.stringify(result)),
  );
}).listen(controlPort, "127.0.0.1");

/** The endpoint of a cluster becomes the other one. */
function move(index: number): void {
  if (!moved.delete(index)) moved.add(index);
  assignments.update([endpoints(clusterName(index), moved.has(index) ? otherPort : backendPort)]);
}

/** Median and maximum of the times to effect; those of the first half are a warm-up. */
async function effect(changes: number): Promise<{ median: number; max: number }> {
  const connection = await answers(proxyPort);
  const times: number[] = [];
  try {
    for (let change = 0; change < changes; change += 1) {
      // Far from each other, so that no two changes are of one cluster.
      const index = 1 + ((change * 37) % count);
      const path = `${pathOfRoute(index)}x`;
      const before = await connection.get(path);
      const startMs = performance.now();
      move(index);
      while ((await connection.get(path)) === before);
      if (change * 2 >= changes) times.push(performance.now() - startMs);
    }
  } finally {
    connection.close();
  }
  return { median: median(times), max: Math.max(...times) };
}

/** The first tenth of the clusters is left alone: the load goes there. */
function update(perSecond: number, isOfClusters: boolean): void {
  clearInterval(updating);
  if (perSecond === 0) return;
  const startMs = performance.now();
  const before = updates;
  updating = setInterval(() => {
    const due = before + ((performance.now() - startMs) * perSecond) / MS_PER_SECOND;
    for (; updates < due; updates += 1) {
      const index = Math.ceil(count / 10) + ((updates * 37) % Math.floor((count * 9) / 10));
      if (!isOfClusters) move(index);
      else clusters.update([edsCluster(clusterName(index), `${1 + (updates % 7)}s`)]);
    }
  }, TICK_MS);
}
