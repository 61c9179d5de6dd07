import { SharedCount } from "../base/shared-count.ts";
import type { WorkerContext } from "../base/worker-context.ts";
import { RuntimeNumber } from "../runtime/values.ts";
import type { ListenerSettings } from "./model.ts";

/** The open connections of a listener, over all workers, and their limit: the runtime alone sets one. */
export class OpenConnections {
  readonly #count: SharedCount;
  readonly #max: RuntimeNumber;

  constructor({ name, openConnections }: ListenerSettings, worker: WorkerContext) {
    const key = `envoy.resource_limits.listener.${name}.connection_limit`;
    this.#count = new SharedCount(openConnections, worker.workerId);
    this.#max = new RuntimeNumber({ value: Infinity, key }, worker.runtime, "integer");
  }

  /** False above the limit. Pair with `release`. */
  tryAcquire(): boolean {
    return this.#count.tryAcquire(this.#max.value);
  }

  release(): void {
    this.#count.release();
  }
}
