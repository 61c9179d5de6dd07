import { join } from "node:path";
import { startProcess } from "../interop/harness/child-process.ts";
import { startContender, type Contender } from "./contenders.ts";
import { onLoadCore, type Places } from "./places.ts";
import { residentMib } from "./process-figures.ts";

/** Long enough for a garbage collector to notice that nothing happens. */
const SETTLE_MS = 5_000;
const CONNECTIONS = 10_000;
const CLUSTERS = 1_000;
const OPEN_WITHIN_MS = 60_000;

/** Resident memory in MiB. */
export interface MemorySample {
  readonly idle: number;
  /** What 10,000 idle connections add, each after one request. */
  readonly connections: number;
  /** What 999 further clusters add. */
  readonly clusters: number;
}

/** Measures a contender right after its start, with 10,000 idle connections, and with 1,000 clusters. */
export async function measureMemory(contender: Contender, places: Places): Promise<MemorySample> {
  const serving = await startContender(contender, {}, places);
  if (serving === null) throw new Error(`${contender} is not comparable`);
  let idle: number;
  let connections: number;
  try {
    idle = await settledMib(serving.pid);
    connections =
      (await withIdleConnections(places, { count: CONNECTIONS }, () => settledMib(serving.pid))) -
      idle;
  } finally {
    await serving.stop();
  }
  const many = await startContender(contender, { clusters: CLUSTERS }, places);
  if (many === null) throw new Error(`${contender} is not comparable`);
  try {
    return { idle, connections, clusters: (await settledMib(many.pid)) - idle };
  } finally {
    await many.stop();
  }
}

/** Resident memory once nothing has happened for a while, in MiB. */
export async function settledMib(pid: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return residentMib(pid);
}

/** Idle connections; `tlsGroups` are the key exchange groups that their client offers, none for connections without TLS. */
interface IdleConnections {
  readonly count: number;
  readonly tlsGroups?: string;
}

/** Runs `look` while a client holds the connections. */
export async function withIdleConnections<T>(
  places: Places,
  { count, tlsGroups }: IdleConnections,
  look: () => Promise<T>,
): Promise<T> {
  const client = join(import.meta.dirname, "load", "idle-connections.ts");
  const holder = startProcess([
    ...onLoadCore(),
    process.execPath,
    client,
    String(places.proxyPort),
    String(count),
    ...(tlsGroups === undefined ? [] : [tlsGroups]),
  ]);
  try {
    const deadline = performance.now() + OPEN_WITHIN_MS;
    while (!holder.output().includes("ready")) {
      if (holder.hasExited() || performance.now() > deadline) {
        throw new Error(`could not open ${count} connections: ${holder.output().slice(-400)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return await look();
  } finally {
    await holder.stop();
  }
}
