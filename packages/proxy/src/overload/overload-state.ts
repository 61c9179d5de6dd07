import type { WorkerContext } from "../base/worker-context.ts";
import { SPILL_SLOT } from "../observe/stats/memory.ts";
import {
  LOAD_SHED_POINT_STATS,
  OVERLOAD_RESOURCE_STATS,
} from "../observe/stats/tables/overload.ts";
import type { OverloadInit } from "./model.ts";
import { ConnectionCount } from "./overload-memory.ts";
import { SHED_POINTS, type ShedPoint } from "./points.ts";

/**
 * What a worker knows of the pressure: main measures and writes, workers read. To ask costs a load as long as nothing is
 * to be shed.
 */
export class OverloadState {
  /** Of whoever has no overload manager, or passes it by. */
  static readonly NONE: OverloadState = new OverloadState(null, null);

  readonly #values: Float64Array;
  readonly #worker: WorkerContext | null;
  /** By shed point: the slot of its counter. */
  readonly #counters: number[];
  readonly #connections: ConnectionCount | null;
  readonly #connectionsMax: number;
  readonly #overflowSlot: number;

  constructor(init: OverloadInit | null, worker: WorkerContext | null) {
    this.#values =
      init === null ? new Float64Array(SHED_POINTS) : new Float64Array(init.memory.values);
    this.#worker = worker;
    this.#counters = Array.from({ length: SHED_POINTS }, (_, point) => {
      const scope = init?.pointScopes[point] ?? null;
      return scope === null ? SPILL_SLOT : scope.base + LOAD_SHED_POINT_STATS.at.shed_load_count;
    });
    const connectionsMax = init?.connectionsMax ?? null;
    this.#connectionsMax = connectionsMax ?? Infinity;
    this.#connections = connectionsMax === null ? null : new ConnectionCount(init!.memory);
    const scope = init?.connectionScope ?? null;
    this.#overflowSlot =
      scope === null ? SPILL_SLOT : scope.base + OVERLOAD_RESOURCE_STATS.at.failed_updates;
  }

  /** Whether this one is to be shed: never, always, or by chance. Counts it. */
  sheds(point: ShedPoint): boolean {
    const value = this.#values[point]!;
    return value !== 0 && this.#draw(point, value);
  }

  /** Whether all of it is to be shed, and not a share; nothing is counted. */
  isSaturated(point: ShedPoint): boolean {
    return this.#values[point]! >= 1;
  }

  /** Takes a place among the downstream connections of all workers; false when there is none, and counts that. */
  tryAcquireConnection(): boolean {
    if (this.#connections === null) return true;
    const { workerId, stats } = this.#worker!;
    if (this.#connections.tryAcquire(workerId, this.#connectionsMax)) return true;
    stats.slots[this.#overflowSlot]! += 1;
    return false;
  }

  releaseConnection(): void {
    this.#connections?.release(this.#worker!.workerId);
  }

  #draw(point: ShedPoint, value: number): boolean {
    const worker = this.#worker!;
    if (value < 1 && worker.random() >= value) return false;
    worker.stats.slots[this.#counters[point]!]! += 1;
    return true;
  }
}
