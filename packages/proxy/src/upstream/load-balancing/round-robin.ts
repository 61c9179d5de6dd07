import type { WorkerContext } from "../../base/worker-context.ts";
import type { Host } from "../host.ts";
import type { SlowStartConfig } from "../model.ts";
import type { HostGroup, HostPicker } from "./host-group.ts";
import { SlowStart } from "./slow-start.ts";
import { scheduleWeighted } from "./weighted-schedule.ts";

/** Hosts in turn; by weight where weights differ. */
export class RoundRobin implements HostPicker {
  readonly #worker: WorkerContext;
  readonly #slowStart: SlowStart | null;

  constructor(slowStart: SlowStartConfig | null, worker: WorkerContext) {
    this.#worker = worker;
    this.#slowStart = slowStart === null ? null : new SlowStart(slowStart, worker);
  }

  prepare(group: HostGroup): void {
    const weightOf = (host: Host): number =>
      this.#slowStart === null ? host.weight : host.weight * this.#slowStart.factor(host);
    group.scheduler = scheduleWeighted(group.hosts, weightOf, this.#slowStart, this.#worker);
  }

  pick(group: HostGroup): Host {
    if (group.scheduler !== null) return group.scheduler.pick()!;
    const position = group.position % group.hosts.length;
    group.position = position + 1;
    return group.hosts[position]!;
  }
}
