import type { AddressInfo } from "node:net";
import { listenGrpc, readResource, Snapshot, SnapshotCache, XdsServer } from "@nuncio/xds";
import { attempt, missingCheck, type CheckResult } from "../check.ts";
import { makeCertificate, type Certificate } from "../harness/certificate.ts";
import { findCounterpart } from "../harness/counterparts.ts";
import { freePorts } from "../harness/free-ports.ts";
import { http1Load, http2Load, startBodyUpstream, type Load } from "../harness/steady-load.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { clusterConfig, connectionManager, loopback, tlsSocket } from "../harness/typed-config.ts";
import type { StaticResources } from "../harness/with-proxy.ts";
import { adsBootstrap } from "../xds/resources.ts";
import { RestartingProxy } from "./restarting-proxy.ts";

/** Of each number of workers. */
const RESTARTS = 20;
const CLIENTS = 8;
const FLAGS = ["--drain-time-s", "1", "--parent-shutdown-time-s", "60"];
/** What all requests of all processes count into. */
const REQUESTS = "http.in.downstream_rq_total";
const STATS_INTERVAL_MS = 100;

/** Hot restarts under load: no request fails, no counter goes back, no request is missing from the counters. */
export async function runHotRestart(restarts: number = RESTARTS): Promise<CheckResult[]> {
  if (findCounterpart("openssl") === null) return [missingCheck("hot-restart", "openssl")];
  const results: CheckResult[] = [];
  for (const concurrency of [1, 2]) {
    const name = `${restarts} hot restarts under load, concurrency ${concurrency}`;
    results.push(await attempt(name, () => restartUnderLoad(restarts, concurrency, fixed)));
  }
  const few = Math.ceil(restarts / 2);
  const name = `${few} hot restarts under load, listeners and clusters from a control plane`;
  results.push(await attempt(name, () => restartUnderLoad(few, 2, fromControlPlane)));
  return results;
}

/** Where the configuration of all processes comes from. */
type Origin = (resources: StaticResources, adminPort: number) => Promise<BootstrapOrigin>;

interface BootstrapOrigin {
  readonly bootstrap: object;
  close(): Promise<void>;
}

const fixed: Origin = (resources, adminPort) =>
  Promise.resolve({
    bootstrap: { admin: { address: loopback(adminPort) }, static_resources: resources },
    close: () => Promise.resolve(),
  });

const fromControlPlane: Origin = async ({ listeners, clusters }, adminPort) => {
  const cache = new SnapshotCache({ groupOf: () => "all" });
  cache.set(
    "all",
    new Snapshot([
      ...clusters.map((cluster) => readResource("CDS", cluster)),
      ...listeners.map((listener) => readResource("LDS", listener)),
    ]),
  );
  const control = await listenGrpc(new XdsServer({ cache }));
  return {
    bootstrap: adsBootstrap(control.address.port, adminPort, "DELTA_GRPC"),
    close: () => control.close(),
  };
};

async function restartUnderLoad(
  restarts: number,
  concurrency: number,
  originOf: Origin,
): Promise<void> {
  const folder = makeTempFolder("hot-restart");
  const upstream = await startBodyUpstream();
  try {
    const certificate = makeCertificate(folder);
    const [admin, plain, secure] = (await freePorts(3)) as [number, number, number];
    const { port } = upstream.address() as AddressInfo;
    const origin = await originOf(proxyResources(plain, secure, port, certificate), admin);
    const flags = [...FLAGS, "--concurrency", String(concurrency)];
    const { bootstrap } = origin;
    const proxy = await RestartingProxy.start(folder, bootstrap, admin, flags);
    try {
      const loads = [
        http1Load(plain, CLIENTS, null),
        http1Load(secure, CLIENTS, certificate),
        http2Load(plain, CLIENTS, null),
        http2Load(secure, CLIENTS, certificate),
      ];
      await restartDuring(loads, proxy, restarts);
    } finally {
      await proxy.stop();
      await origin.close();
    }
  } finally {
    upstream.close();
    upstream.closeAllConnections();
    removeTempFolder(folder);
  }
}

async function restartDuring(
  loads: readonly Load[],
  proxy: RestartingProxy,
  restarts: number,
): Promise<void> {
  const watch = watchCounter(proxy);
  try {
    for (let i = 0; i < restarts; i += 1) {
      await proxy.restart();
      check(loads, i + 1);
    }
  } finally {
    await Promise.all(loads.map((load) => load.stop()));
    await watch.stop();
  }
  check(loads, restarts);
  if (watch.wentBack !== null) throw new Error(watch.wentBack);
  const answered = loads.reduce((sum, { tally }) => sum + tally.answered, 0);
  const counted = await proxy.stat(REQUESTS);
  if (counted !== answered)
    throw new Error(`${REQUESTS}: expected the ${answered} requests answered, got ${counted}`);
  console.log(
    loads
      .map(
        ({ name, tally }) =>
          `  ${name}: ${tally.answered} on ${tally.connections} connections, ${tally.refused} asked again`,
      )
      .join("\n"),
  );
}

/** The load must not be one that any proxy passes: it was answered, and its connections were parted with. */
function check(loads: readonly Load[], restarts: number): void {
  for (const { name, tally } of loads) {
    const { failures } = tally;
    if (failures.length > 0)
      throw new Error(
        `${name}: ${failures.length} of ${tally.answered + failures.length} requests failed after ${restarts} restarts: ${failures[0]}`,
      );
    if (tally.answered < restarts || tally.connections < restarts)
      throw new Error(
        `${name}: expected a request and a connection a restart at least, got ${tally.answered} on ${tally.connections}`,
      );
  }
}

interface Watch {
  /** What went wrong, if anything. */
  wentBack: string | null;
  stop(): Promise<void>;
}

/** Reads the counter all the time. */
function watchCounter(proxy: RestartingProxy): Watch {
  let stopped = false;
  let last = 0;
  const watch: Watch = {
    wentBack: null,
    stop: async () => {
      stopped = true;
      await watching;
    },
  };
  const run = async (): Promise<void> => {
    while (!stopped) {
      const value = await proxy.stat(REQUESTS);
      if (value !== undefined && value < last)
        watch.wentBack ??= `${REQUESTS} went back from ${last} to ${value}`;
      last = value ?? last;
      await new Promise((resolve) => setTimeout(resolve, STATS_INTERVAL_MS));
    }
  };
  const watching = run();
  return watch;
}

function proxyResources(
  plain: number,
  secure: number,
  upstream: number,
  certificate: Certificate,
): StaticResources {
  const manager = connectionManager("in", { route: { cluster: "up" } }, { drain_timeout: "1s" });
  const chain = { filters: [manager] };
  return {
    listeners: [
      { name: "plain", address: loopback(plain), filter_chains: [chain] },
      {
        name: "secure",
        address: loopback(secure),
        filter_chains: [{ ...chain, transport_socket: tlsSocket(certificate) }],
      },
    ],
    clusters: [clusterConfig("up", upstream, "http1")],
  };
}
