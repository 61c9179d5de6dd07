import {
  listenGrpc,
  SnapshotCache,
  XdsServer,
  type LoadReport,
  type LoadReportOptions,
} from "@nuncio/xds";
import { ask } from "../harness/ask.ts";
import type { Certificate } from "../harness/certificate.ts";
import { freePorts } from "../harness/free-ports.ts";
import type { ProxyKind } from "../harness/proxy-process.ts";
import { loopback } from "../harness/typed-config.ts";
import { until } from "../harness/until.ts";
import { moveTo, readBootstrap, withBootstrap } from "./managed-bootstrap.ts";
import { startStandIn } from "./stand-in.ts";

/** `load-reporting-service`: requests through the proxy are told to a load reporting server. */
export async function runLoadReporting(
  kind: ProxyKind,
  folder: string,
  certificate: Certificate,
): Promise<void> {
  const [admin, lrs, listener, service] = (await freePorts(4)) as [number, number, number, number];
  const reports: LoadReport[] = [];
  const loadReports: LoadReportOptions = {
    settingsFor: () => ({ clusters: ["local_service"], intervalMs: 100 }),
    onReport: (report) => void reports.push(report),
  };
  const server = await listenGrpc(new XdsServer({ cache: new SnapshotCache() }), {
    port: lrs,
    loadReports,
  });
  const standIn = await startStandIn("local_service", service, certificate);
  const bootstrap = readBootstrap(folder, admin);
  bootstrap.static_resources.listeners![0]!.address = loopback(listener);
  const ports = new Map([
    ["local_service", service],
    ["load_reporting_cluster", lrs],
  ]);
  for (const cluster of bootstrap.static_resources.clusters)
    moveTo(cluster, ports.get(cluster.name)!);
  const flags = ["--service-node", "node-1", "--service-cluster", "http_service"];
  try {
    await withBootstrap(kind, bootstrap, admin, flags, async () => {
      const requests = 5;
      for (let i = 0; i < requests; i += 1) await ask(listener, "/service");
      await until("all requests were reported", () => successesOf(reports) === requests);
    });
  } finally {
    standIn.close();
    await server.close();
  }
}

function successesOf(reports: readonly LoadReport[]): number {
  const localities = reports
    .flatMap(({ clusterStats }) => clusterStats)
    .flatMap(({ upstreamLocalityStats: stats }) => stats);
  return localities.reduce((sum, { totalSuccessfulRequests: count }) => sum + Number(count), 0);
}
