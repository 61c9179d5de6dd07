import type { WorkerContext } from "../../base/worker-context.ts";
import type { Host } from "../host.ts";
import type { HostGroup, HostPicker } from "./host-group.ts";

/** Any host; endpoint weights play no part, as in Envoy. */
export class Random implements HostPicker {
  readonly #worker: WorkerContext;

  constructor(worker: WorkerContext) {
    this.#worker = worker;
  }

  prepare(): void {}

  pick(group: HostGroup): Host {
    return group.hosts[Math.floor(this.#worker.random() * group.hosts.length)]!;
  }
}
