import { join } from "node:path";
import { startProcess, type StartedProcess } from "../interop/harness/child-process.ts";
import { REPOSITORY } from "../interop/harness/repository.ts";
import { makeTempFolder, removeTempFolder } from "../interop/harness/temp-folder.ts";
import { SMALL_BODY } from "./backend.ts";
import {
  placeOfRoute,
  writeGatewayResources,
  writeRoute,
  type GatewayRoutes,
} from "./gateway-resources.ts";
import { answers } from "./load/one-connection.ts";
import { onProxyCore, type Places } from "./places.ts";
import {
  cpuSeconds as cpuSecondsOfGroup,
  ownCpuSeconds,
  ownResidentMib,
} from "./process-figures.ts";
import { median } from "./statistics.ts";

/** How many HTTPRoutes there are, and on how many host names. */
export const GATEWAY_SETS: readonly GatewayRoutes[] = [
  { routes: 1_000, hosts: "each" },
  { routes: 3_000, hosts: "each" },
  { routes: 10_000, hosts: "each" },
  { routes: 10_000, hosts: "one" },
];
const CHANGES = 60;
/** What a just-in-time compiler does first is not what a change costs. */
const WARM_UP_CHANGES = 20;
const SERVING_WITHIN_MS = 120_000;
/** Asking without a pause would be a load on the core that is measured. */
const POLL_MS = 1;
const EFFECT_WITHIN_MS = 10_000;
/** Long enough for a garbage collector to notice that nothing happens. */
const SETTLE_MS = 5_000;

/** A control plane with so many HTTPRoutes in files, with a proxy of its own. */
export interface GatewaySample extends GatewayRoutes {
  /** From its start until a request on the last route was answered, in seconds. */
  readonly servingSeconds: number;
  /** CPU time of the control plane until then, all threads, in seconds. */
  readonly cpuSeconds: number;
  readonly residentMib: number;
  /** From a route's file being replaced until a request was answered as it says, in milliseconds. */
  readonly effectMs: number;
  readonly slowestEffectMs: number;
  /** CPU time of the control plane for a change, in milliseconds. */
  readonly changeCpuMs: number;
  /** CPU time of its proxy for a change, in milliseconds. */
  readonly proxyChangeCpuMs: number;
}

/** Starts a control plane on a folder of files; it starts its proxy as a process of its own. */
export async function measureGateway(given: GatewayRoutes, places: Places): Promise<GatewaySample> {
  const folder = makeTempFolder("bench-gateway");
  writeGatewayResources(folder, given, places);
  const startMs = performance.now();
  const program = join(REPOSITORY, "dist", "nuncio.mjs");
  const flags = ["gateway", "run", "--resources", folder, "--infrastructure", "host"];
  const control = startProcess([...onProxyCore(), process.execPath, program, ...flags]);
  try {
    await untilAnswered(given, SMALL_BODY, startMs + SERVING_WITHIN_MS, places, control);
    const servingSeconds = (performance.now() - startMs) / 1000;
    const cpuSeconds = ownCpuSeconds(control.pid);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const residentMib = ownResidentMib(control.pid);
    await effectsOf(WARM_UP_CHANGES, { folder, ...given, places });
    const before = cpuOf(control.pid);
    const effects = await effectsOf(CHANGES, { folder, ...given, places });
    const after = cpuOf(control.pid);
    return {
      ...given,
      servingSeconds,
      cpuSeconds,
      residentMib,
      effectMs: median(effects),
      slowestEffectMs: Math.max(...effects),
      changeCpuMs: ((after.control - before.control) * 1000) / CHANGES,
      proxyChangeCpuMs: ((after.proxy - before.proxy) * 1000) / CHANGES,
    };
  } finally {
    await control.stop();
    removeTempFolder(folder);
  }
}

/** CPU time until now, in seconds. */
function cpuOf(pid: number): { control: number; proxy: number } {
  const control = ownCpuSeconds(pid);
  return { control, proxy: cpuSecondsOfGroup(pid) - control };
}

interface ChangedRoutes extends GatewayRoutes {
  readonly folder: string;
  readonly places: Places;
}

/** Sends so many routes to the other backend and back, one after the other. */
async function effectsOf(
  changes: number,
  { folder, routes, hosts, places }: ChangedRoutes,
): Promise<number[]> {
  const connection = await answers(places.proxyPort);
  const effects: number[] = [];
  try {
    for (let change = 0; change < changes; change += 1) {
      const index = 1 + ((Math.floor(change / 2) * 37) % routes);
      const backend = change % 2 === 0 ? "other" : "first";
      const expected = backend === "first" ? SMALL_BODY : SMALL_BODY.toUpperCase();
      const startMs = performance.now();
      writeRoute(folder, { index, hosts }, backend);
      const { host, path } = placeOfRoute(index, hosts);
      while ((await connection.get(path, host)) !== expected) {
        if (performance.now() - startMs > EFFECT_WITHIN_MS)
          throw new Error(`route ${index} did not change`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      effects.push(performance.now() - startMs);
    }
  } finally {
    connection.close();
  }
  return effects;
}

async function untilAnswered(
  { routes, hosts }: GatewayRoutes,
  expected: string,
  deadlineMs: number,
  { proxyPort }: Places,
  control: StartedProcess,
): Promise<void> {
  const { host, path } = placeOfRoute(routes, hosts);
  let last = "nothing";
  while (performance.now() < deadlineMs && !control.hasExited()) {
    try {
      const connection = await answers(proxyPort);
      last = await connection.get(path, host);
      connection.close();
      if (last === expected) return;
    } catch (error) {
      last = String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`no answer on the last route; seen ${last}\n${control.output().trim()}`);
}
