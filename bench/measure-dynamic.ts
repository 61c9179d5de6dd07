import { writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { stringify } from "yaml";
import { startProcess } from "../interop/harness/child-process.ts";
import { startProxy } from "../interop/harness/proxy-process.ts";
import { adsBootstrap } from "../interop/xds/resources.ts";
import { SMALL_BODY, untilListening } from "./backend.ts";
import type { Contender } from "./contenders.ts";
import { pathOfRoute } from "./envoy-config.ts";
import { runLoad } from "./load/load.ts";
import { answers } from "./load/one-connection.ts";
import type { WrkLoad } from "./load/wrk.ts";
import { latenciesAt } from "./measure-latency.ts";
import { settledMib } from "./measure-memory.ts";
import { onLoadCore, onProxyCore, type Places } from "./places.ts";
import { cpuSeconds } from "./process-figures.ts";

/** As many clusters, assignments of endpoints and routes. */
export const DYNAMIC_COUNT = 10_000;
const EFFECTS = 200;
const UPDATES_PER_SECOND = 100;
/** What a just-in-time compiler does first is not what updates cost. */
const WARM_UP_SECONDS = 5;
const LATENCY_RATE = 1_000;
/** With and without updates by turns, for what changes slowly on the machine. */
const TURNS = 2;
const SERVING_WITHIN_MS = 60_000;
const CONTROL_WITHIN_MS = 60_000;

const UPDATED = ["endpoints", "clusters"] as const;
type Updated = (typeof UPDATED)[number];

/** A proxy with 10,000 clusters and 10,000 routes from a control plane, over ADS. */
export interface DynamicSample {
  /** From its start until a request on the last route was answered, in seconds. */
  readonly servingSeconds: number;
  /** CPU time until then, all threads, in seconds. */
  readonly cpuSeconds: number;
  readonly residentMib: number;
  /** From a changed endpoint until a request was answered by the new one, in milliseconds. */
  readonly effectMs: number;
  readonly slowestEffectMs: number;
  /** Milliseconds at 1,000 requests a second, without and with 100 changed endpoints a second. */
  readonly p999: number;
  readonly p999Updating: number;
  readonly max: number;
  readonly maxUpdating: number;
  /** Requests per second: without updates, with 100 a second of endpoints, and of cluster definitions. */
  readonly perSecond: number;
  readonly perSecondEndpoints: number;
  readonly perSecondClusters: number;
}

/** Starts a control plane and a contender that knows nothing but where it is. */
export async function measureDynamic(
  contender: Contender,
  places: Places,
  seconds: number,
): Promise<DynamicSample> {
  const { xdsPort, controlPort, proxyPort, backendPort, otherBackendPort } = places;
  const ports = [xdsPort, controlPort, proxyPort, backendPort, otherBackendPort];
  const program = join(import.meta.dirname, "load", "control-plane.ts");
  const control = startProcess([
    ...onLoadCore(),
    process.execPath,
    program,
    ...[...ports, DYNAMIC_COUNT].map(String),
  ]);
  try {
    await untilListening(controlPort, control);
    const startMs = performance.now();
    const proxy = await startProxy(
      contender === "nuncio" ? "bundle" : "envoy",
      writeBootstrap(places),
      places.adminPort,
      [],
      onProxyCore(),
    );
    try {
      await untilAnswered(proxyPort, startMs + SERVING_WITHIN_MS);
      const servingSeconds = (performance.now() - startMs) / 1000;
      const cpu = cpuSeconds(proxy.process.pid);
      const residentMib = await settledMib(proxy.process.pid);
      const effect = await ask<{ median: number; max: number }>(
        places,
        `/effect?changes=${EFFECTS}`,
      );
      const rates = await ratesByTurns(places, seconds);
      const latencies = (): ReturnType<typeof latenciesAt> =>
        latenciesAt(LATENCY_RATE, places, seconds, LOAD.path);
      const quiet = await latencies();
      const updating = await whileUpdating("endpoints", places, seconds, latencies);
      return {
        servingSeconds,
        cpuSeconds: cpu,
        residentMib,
        effectMs: effect.median,
        slowestEffectMs: effect.max,
        ...rates,
        p999: quiet.p999,
        p999Updating: updating.p999,
        max: quiet.max,
        maxUpdating: updating.max,
      };
    } finally {
      await proxy.stop();
    }
  } finally {
    await control.stop();
  }
}

async function ratesByTurns(
  places: Places,
  seconds: number,
): Promise<Pick<DynamicSample, "perSecond" | "perSecondEndpoints" | "perSecondClusters">> {
  const perSecond = async (during: number): Promise<number> => {
    const { requests, seconds: took } = await runLoad(LOAD, places, during);
    return requests / took;
  };
  const updating = (of: Updated, during: number): Promise<number> =>
    whileUpdating(of, places, during, () => perSecond(during));
  for (const of of UPDATED) await updating(of, WARM_UP_SECONDS);
  const rates = { perSecond: 0, perSecondEndpoints: 0, perSecondClusters: 0 };
  for (let turn = 0; turn < TURNS; turn += 1) {
    rates.perSecond += (await perSecond(seconds)) / TURNS;
    rates.perSecondEndpoints += (await updating("endpoints", seconds)) / TURNS;
    rates.perSecondClusters += (await updating("clusters", seconds)) / TURNS;
  }
  return rates;
}

const LOAD: WrkLoad = {
  tool: "wrk",
  path: `${pathOfRoute(1)}x`,
  connections: 64,
  responseBytes: SMALL_BODY.length,
};

function writeBootstrap({ folder, xdsPort, adminPort }: Places): string {
  const file = join(folder, "dynamic.yaml");
  writeFileSync(file, stringify(adsBootstrap(xdsPort, adminPort, "DELTA_GRPC")));
  return file;
}

/** Throws when fewer updates were made than were due: then nothing was measured. */
async function whileUpdating<T>(
  of: Updated,
  places: Places,
  seconds: number,
  work: () => Promise<T>,
): Promise<T> {
  const { updates: before } = await ask<{ updates: number }>(
    places,
    `/updates?per_second=${UPDATES_PER_SECOND}&of=${of}`,
  );
  const result = await work();
  const { updates: after } = await ask<{ updates: number }>(places, "/updates?per_second=0");
  const expected = seconds * UPDATES_PER_SECOND;
  if (after - before < expected * 0.95)
    throw new Error(`expected ${expected} updates, ${after - before} were made`);
  return result;
}

async function untilAnswered(port: number, deadlineMs: number): Promise<void> {
  const path = `${pathOfRoute(DYNAMIC_COUNT)}x`;
  let last = "nothing";
  while (performance.now() < deadlineMs) {
    try {
      const connection = await answers(port);
      last = await connection.get(path);
      connection.close();
      if (last === SMALL_BODY) return;
    } catch (error) {
      last = String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`no answer on the last route; seen ${last}`);
}

function ask<T>({ controlPort }: Places, path: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = get(
      { host: "127.0.0.1", port: controlPort, path, agent: false, timeout: CONTROL_WITHIN_MS },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (piece: string) => (text += piece));
        response.on("end", () => resolve(JSON.parse(text) as T));
      },
    );
    request.on("timeout", () => request.destroy(new Error(`${path} took too long`)));
    request.on("error", reject);
  });
}
