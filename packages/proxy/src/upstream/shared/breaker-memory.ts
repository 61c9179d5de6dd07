/** What a circuit breaker counts (Envoy's resources). */
export const Resource = {
  Connections: 0,
  PendingRequests: 1,
  Requests: 2,
  Retries: 3,
  ConnectionPools: 4,
} as const;
export type Resource = (typeof Resource)[keyof typeof Resource];

/** Routing priority of a request; each has its own limits. */
export const RoutingPriority = { Default: 0, High: 1 } as const;
export type RoutingPriority = (typeof RoutingPriority)[keyof typeof RoutingPriority];

const CELLS_PER_PRIORITY = 8;
/** Both priorities of a cluster: one cache line. */
const CELLS_PER_CLUSTER = 16;

/** The buffers behind all clusters' circuit breakers. Goes to each worker in its `workerData`. */
export interface BreakerMemoryBuffers {
  readonly clustersMax: number;
  readonly workers: number;
  /** Counts of all workers together. */
  readonly totals: SharedArrayBuffer;
  /** One row per worker: its share of the totals. */
  readonly shares: SharedArrayBuffer;
}

/** Reserves address space only: pages of clusters that are not there are never touched. */
export function createBreakerMemory(workers: number, clustersMax: number): BreakerMemoryBuffers {
  const bytes = clustersMax * CELLS_PER_CLUSTER * Int32Array.BYTES_PER_ELEMENT;
  return {
    clustersMax,
    workers,
    totals: new SharedArrayBuffer(bytes),
    shares: new SharedArrayBuffer(bytes * workers),
  };
}

/** First cell of a cluster's counts at one priority. */
export function breakerCells(slot: number, priority: RoutingPriority): number {
  return slot * CELLS_PER_CLUSTER + priority * CELLS_PER_PRIORITY;
}

/** A worker's view: totals shared with Atomics, its own shares with plain stores. */
export class WorkerBreakerMemory {
  readonly totals: Int32Array;
  readonly shares: Int32Array;

  constructor(buffers: BreakerMemoryBuffers, workerId: number) {
    const row = buffers.clustersMax * CELLS_PER_CLUSTER;
    this.totals = new Int32Array(buffers.totals);
    this.shares = new Int32Array(
      buffers.shares,
      workerId * row * Int32Array.BYTES_PER_ELEMENT,
      row,
    );
  }
}

/** Main's view: reads for the gauges, takes back what a dead worker held. */
export class MainBreakerMemory {
  readonly #buffers: BreakerMemoryBuffers;
  readonly #totals: Int32Array;
  readonly #shares: Int32Array;

  constructor(buffers: BreakerMemoryBuffers) {
    this.#buffers = buffers;
    this.#totals = new Int32Array(buffers.totals);
    this.#shares = new Int32Array(buffers.shares);
  }

  count(slot: number, priority: RoutingPriority, resource: Resource): number {
    return Atomics.load(this.#totals, breakerCells(slot, priority) + resource);
  }

  /** Whether anything of the cluster is still active. */
  inUse(slot: number): boolean {
    for (let cell = slot * CELLS_PER_CLUSTER; cell < (slot + 1) * CELLS_PER_CLUSTER; cell++) {
      if (Atomics.load(this.#totals, cell) !== 0) return true;
    }
    return false;
  }

  /** A worker died: what it held of the first `slots` clusters is taken out of the totals. */
  takeBack(worker: number, slots: number): void {
    const row = this.#buffers.clustersMax * CELLS_PER_CLUSTER;
    for (let cell = 0; cell < slots * CELLS_PER_CLUSTER; cell++) {
      const held = this.#shares[worker * row + cell]!;
      if (held === 0) continue;
      Atomics.sub(this.#totals, cell, held);
      this.#shares[worker * row + cell] = 0;
    }
  }
}
