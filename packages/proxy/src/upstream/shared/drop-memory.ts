const DROPPED = 0;
const DROP_OVERLOAD = 1;
const CELLS_PER_CLUSTER = 2;

/** Reserves address space only, by the clusters' places among the circuit breakers. Goes to each worker. */
export function createDropMemory(clustersMax: number): SharedArrayBuffer {
  return new SharedArrayBuffer(clustersMax * CELLS_PER_CLUSTER * Int32Array.BYTES_PER_ELEMENT);
}

/** Requests that were answered instead of being sent. The numbers only rise, and wrap at 32 bits. */
export interface DropCounts {
  /** All, `dropOverload` among them. */
  readonly dropped: number;
  /** Because of `drop_overloads`. */
  readonly dropOverload: number;
}

/** What all workers together did not let through to each cluster, for load reports (Envoy's `LoadReportStats`). */
export class DropMemory {
  readonly #cells: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#cells = new Int32Array(buffer);
  }

  /** A request was dropped by a breaker, for maintenance, or because of `drop_overloads`. */
  count(slot: number, isDropOverload: boolean): void {
    const cell = slot * CELLS_PER_CLUSTER;
    Atomics.add(this.#cells, cell + DROPPED, 1);
    if (isDropOverload) Atomics.add(this.#cells, cell + DROP_OVERLOAD, 1);
  }

  read(slot: number): DropCounts {
    const cell = slot * CELLS_PER_CLUSTER;
    return {
      dropped: Atomics.load(this.#cells, cell + DROPPED),
      dropOverload: Atomics.load(this.#cells, cell + DROP_OVERLOAD),
    };
  }
}
