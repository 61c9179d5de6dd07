import { writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { listenGrpc, Snapshot, SnapshotCache, XdsServer } from "@nuncio/xds";
import { stringify } from "yaml";
import { attempt, missingCheck, type CheckResult } from "../check.ts";
import { ask } from "../harness/ask.ts";
import { makeCertificate } from "../harness/certificate.ts";
import { findCounterpart } from "../harness/counterparts.ts";
import { freePorts } from "../harness/free-ports.ts";
import { startProxy, type ProxyKind, type RunningProxy } from "../harness/proxy-process.ts";
import { Random } from "../harness/random.ts";
import { http1Load, http2Load, startBodyUpstream, type Load } from "../harness/steady-load.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { until } from "../harness/until.ts";
import { adsBootstrap } from "../xds/resources.ts";
import { change, firstConfiguration, resourcesOf, type Places } from "./configuration.ts";

const UPDATES = 1000;
/** A hundred updates a second. */
const PAUSE_MS = 10;
const CLIENTS = 4;
const SEED = 20_261_121;

/** Random updates of everything under load, over both variants of ADS: no request fails. */
export async function runUpdates(kind: ProxyKind, updates = UPDATES): Promise<CheckResult[]> {
  if (findCounterpart("openssl") === null) return [missingCheck("updates", "openssl")];
  const results: CheckResult[] = [];
  for (const [apiType, concurrency] of [
    ["DELTA_GRPC", 1],
    ["GRPC", 2],
  ] as const) {
    const name = `${updates} random updates under load, ${apiType}, concurrency ${concurrency}`;
    results.push(await attempt(name, () => updateUnderLoad(kind, updates, apiType, concurrency)));
  }
  return results;
}

async function updateUnderLoad(
  kind: ProxyKind,
  updates: number,
  apiType: "GRPC" | "DELTA_GRPC",
  concurrency: number,
): Promise<void> {
  const folder = makeTempFolder("updates");
  const upstreams = [await startBodyUpstream(), await startBodyUpstream()];
  const cache = new SnapshotCache({ groupOf: () => "all" });
  const control = await listenGrpc(new XdsServer({ cache }));
  try {
    const [admin, plainPort, securePort, ...otherPorts] = (await freePorts(6)) as [
      number,
      number,
      number,
      ...number[],
    ];
    const places: Places = {
      plainPort,
      securePort,
      otherPorts,
      upstreamPorts: upstreams.map(portOf) as [number, number],
      certificates: [makeCertificate(folder, "ecdsa"), makeCertificate(folder, "rsa")],
    };
    const random = new Random(SEED);
    const configuration = firstConfiguration();
    const put = (): void => cache.set("all", new Snapshot(resourcesOf(configuration, places)));
    put();
    const file = join(folder, "bootstrap.yaml");
    writeFileSync(file, stringify(adsBootstrap(control.address.port, admin, apiType)));
    const flags = ["--concurrency", String(concurrency), "--drain-time-s", "2"];
    const proxy = await startProxy(kind, file, admin, flags);
    try {
      const loads = loadsOn(places);
      try {
        for (let i = 0; i < updates; i += 1) {
          change(configuration, random);
          put();
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        }
        configuration.header = 7777;
        put();
        await until("the last update was in effect", () => isLast(places));
      } finally {
        await Promise.all(loads.map((load) => load.stop()));
      }
      check(loads, updates);
      await checkStats(proxy);
    } finally {
      await proxy.stop();
    }
  } finally {
    await control.close();
    for (const server of upstreams) server.close().closeAllConnections();
    removeTempFolder(folder);
  }
}

function loadsOn({ plainPort, securePort, certificates }: Places): Load[] {
  // Either certificate may be shown.
  const both = { ...certificates[0], cert: certificates[0].cert + certificates[1].cert };
  return [
    http1Load(plainPort, CLIENTS, null),
    http1Load(securePort, CLIENTS, both),
    http2Load(plainPort, CLIENTS, null),
    http2Load(securePort, CLIENTS, both),
  ];
}

async function isLast({ plainPort }: Places): Promise<boolean> {
  const { headers } = await ask(plainPort, "/last");
  return headers["x-version"] === "7777";
}

function check(loads: readonly Load[], updates: number): void {
  for (const { name, tally } of loads) {
    const { failures, answered } = tally;
    if (failures.length > 0)
      throw new Error(
        `${name}: ${failures.length} of ${answered + failures.length} requests failed: ${failures.slice(0, 3).join("; ")}`,
      );
    if (answered < updates / 2)
      throw new Error(`${name}: expected ${updates / 2} requests at least, got ${answered}`);
    console.log(`  ${name}: ${answered} on ${tally.connections} connections`);
  }
}

/** The updates have to have arrived, and the bad cluster to have been refused. */
async function checkStats(proxy: RunningProxy): Promise<void> {
  const stats = await proxy.admin("/stats");
  const valueOf = (name: string): number =>
    Number(new RegExp(`^${name.replaceAll(".", "\\.")}: (\\d+)$`, "m").exec(stats)?.[1] ?? 0);
  for (const [name, least] of [
    ["http.in.rds.routes.config_reload", 100],
    ["listener_manager.listener_modified", 50],
    ["listener_manager.listener_removed", 10],
    ["cluster_manager.cluster_modified", 20],
    ["cluster_manager.cds.update_rejected", 10],
    ["sds.pair.update_success", 20],
  ] as const) {
    if (valueOf(name) < least)
      throw new Error(`${name}: expected ${least} at least, got ${valueOf(name)}`);
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
