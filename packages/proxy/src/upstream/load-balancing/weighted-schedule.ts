import type { WorkerContext } from "../../base/worker-context.ts";
import type { Host } from "../host.ts";
import { EdfScheduler } from "./edf-scheduler.ts";
import type { SlowStart } from "./slow-start.ts";

/** A schedule by `weightOf`, or null where hosts are equal and nobody starts slowly: then no schedule is needed. */
export function scheduleWeighted(
  hosts: readonly Host[],
  weightOf: (host: Host) => number,
  slowStart: SlowStart | null,
  worker: WorkerContext,
): EdfScheduler<Host> | null {
  slowStart?.observe(hosts);
  const equal = hosts.every((host) => host.weight === hosts[0]!.weight);
  if (equal && !(slowStart?.active ?? false)) return null;
  return new EdfScheduler(hosts, weightOf, Math.floor(worker.random() * 2 ** 32));
}
