/** Why a host is not (fully) used, as bits; the names /clusters prints (Envoy's `health_flags`). */
export const HealthFlag = {
  FailedActiveHc: 1 << 0,
  FailedOutlierCheck: 1 << 1,
  FailedEdsHealth: 1 << 2,
  DegradedActiveHc: 1 << 3,
  DegradedEdsHealth: 1 << 4,
  PendingDynamicRemoval: 1 << 5,
  PendingActiveHc: 1 << 6,
  ExcludedViaImmediateHcFail: 1 << 7,
  ActiveHcTimeout: 1 << 8,
  EdsStatusDraining: 1 << 9,
} as const;
export type HealthFlag = (typeof HealthFlag)[keyof typeof HealthFlag];

/** As /clusters prints them, in Envoy's order. */
export const HEALTH_FLAG_NAMES: readonly (readonly [HealthFlag, string])[] = [
  [HealthFlag.FailedActiveHc, "failed_active_hc"],
  [HealthFlag.FailedOutlierCheck, "failed_outlier_check"],
  [HealthFlag.FailedEdsHealth, "failed_eds_health"],
  [HealthFlag.DegradedActiveHc, "degraded_active_hc"],
  [HealthFlag.DegradedEdsHealth, "degraded_eds_health"],
  [HealthFlag.PendingDynamicRemoval, "pending_dynamic_removal"],
  [HealthFlag.PendingActiveHc, "pending_active_hc"],
  [HealthFlag.ExcludedViaImmediateHcFail, "excluded_via_immediate_hc_fail"],
  [HealthFlag.ActiveHcTimeout, "active_hc_timeout"],
  [HealthFlag.EdsStatusDraining, "eds_status_draining"],
];

const UNHEALTHY =
  HealthFlag.FailedActiveHc |
  HealthFlag.FailedOutlierCheck |
  HealthFlag.FailedEdsHealth |
  HealthFlag.EdsStatusDraining;
const DEGRADED = HealthFlag.DegradedActiveHc | HealthFlag.DegradedEdsHealth;
const EXCLUDED =
  HealthFlag.PendingActiveHc | HealthFlag.ExcludedViaImmediateHcFail | HealthFlag.EdsStatusDraining;

/** Whether a host takes traffic before degraded and unhealthy ones. */
export function isHealthy(flags: number): boolean {
  return (flags & (UNHEALTHY | DEGRADED)) === 0;
}

/** Whether a host takes traffic only when the healthy ones do not suffice. */
export function isDegraded(flags: number): boolean {
  return (flags & UNHEALTHY) === 0 && (flags & DEGRADED) !== 0;
}

/** Healthy or degraded. */
export function isAvailable(flags: number): boolean {
  return (flags & UNHEALTHY) === 0;
}

/** Excluded hosts count for nothing when availability is computed. */
export function isExcluded(flags: number): boolean {
  return (flags & EXCLUDED) !== 0;
}

/** What all threads share of a host. */
export const HostCell = { HealthFlags: 0, ActiveRequests: 1 } as const;
export type HostCell = (typeof HostCell)[keyof typeof HostCell];

/** What each worker counts of a host on its own; main adds the workers up for /clusters. */
export const HostCounter = {
  RqActive: 0,
  RqTotal: 1,
  RqSuccess: 2,
  RqError: 3,
  RqTimeout: 4,
  CxActive: 5,
  CxTotal: 6,
  CxConnectFail: 7,
  RqPendingActive: 8,
} as const;
export type HostCounter = (typeof HostCounter)[keyof typeof HostCounter];

/** One cache line per host, so that workers that hit different hosts do not slow each other down. */
const CELLS_PER_HOST = 16;
const COUNTERS_PER_HOST = 16;

/** The buffers behind host slots. Goes to each worker in its `workerData`. */
export interface HostMemoryBuffers {
  readonly hostsMax: number;
  readonly workers: number;
  readonly cells: SharedArrayBuffer;
  /** One row of counters per worker. */
  readonly counters: SharedArrayBuffer;
}

/** Reserves address space only: pages of slots that no host has are never touched. */
export function createHostMemory(workers: number, hostsMax: number): HostMemoryBuffers {
  return {
    hostsMax,
    workers,
    cells: new SharedArrayBuffer(hostsMax * CELLS_PER_HOST * Int32Array.BYTES_PER_ELEMENT),
    counters: new SharedArrayBuffer(
      workers * hostsMax * COUNTERS_PER_HOST * Float64Array.BYTES_PER_ELEMENT,
    ),
  };
}

/** A worker's view: shared cells with Atomics, its own row of counters with plain stores. */
export class WorkerHostMemory {
  readonly #cells: Int32Array;
  readonly #counters: Float64Array;

  constructor(buffers: HostMemoryBuffers, workerId: number) {
    const row = buffers.hostsMax * COUNTERS_PER_HOST;
    this.#cells = new Int32Array(buffers.cells);
    this.#counters = new Float64Array(
      buffers.counters,
      workerId * row * Float64Array.BYTES_PER_ELEMENT,
      row,
    );
  }

  load(slot: number, cell: HostCell): number {
    return Atomics.load(this.#cells, slot * CELLS_PER_HOST + cell);
  }

  /** Beside the shared sum the worker keeps its own share, so that main can take it back if the worker dies. */
  addActiveRequest(slot: number, by: 1 | -1): void {
    Atomics.add(this.#cells, slot * CELLS_PER_HOST + HostCell.ActiveRequests, by);
    this.#counters[slot * COUNTERS_PER_HOST + HostCounter.RqActive]! += by;
  }

  count(slot: number, counter: HostCounter, by: number): void {
    this.#counters[slot * COUNTERS_PER_HOST + counter]! += by;
  }
}

/** Main's view: writes health flags, reads sums, takes back what a dead worker held. */
export class MainHostMemory {
  readonly #buffers: HostMemoryBuffers;
  readonly #cells: Int32Array;
  readonly #counters: Float64Array;
  /** What main counts itself, by slot: its own connections to control planes. Few hosts, or none. */
  readonly #own = new Map<number, Float64Array>();

  constructor(buffers: HostMemoryBuffers) {
    this.#buffers = buffers;
    this.#cells = new Int32Array(buffers.cells);
    this.#counters = new Float64Array(buffers.counters);
  }

  healthFlags(slot: number): number {
    return Atomics.load(this.#cells, slot * CELLS_PER_HOST + HostCell.HealthFlags);
  }

  setHealthFlags(slot: number, flags: number): void {
    Atomics.store(this.#cells, slot * CELLS_PER_HOST + HostCell.HealthFlags, flags);
  }

  /** Main's own share of a counter. */
  countOwn(slot: number, counter: HostCounter, by: number): void {
    let own = this.#own.get(slot);
    if (own === undefined) this.#own.set(slot, (own = new Float64Array(COUNTERS_PER_HOST)));
    own[counter]! += by;
  }

  /** The sum over the workers and main. */
  counter(slot: number, counter: HostCounter): number {
    let sum = this.#own.get(slot)?.[counter] ?? 0;
    for (let worker = 0; worker < this.#buffers.workers; worker++) {
      sum += this.#counters[this.#row(worker, slot) + counter]!;
    }
    return sum;
  }

  /** Whether any worker still has a request or a connection there. */
  inUse(slot: number): boolean {
    return (
      this.counter(slot, HostCounter.RqActive) !== 0 ||
      this.counter(slot, HostCounter.CxActive) !== 0
    );
  }

  /** Before a slot goes to its next host. No worker may use it any more. */
  clear(slot: number): void {
    for (let cell = 0; cell < CELLS_PER_HOST; cell++) {
      Atomics.store(this.#cells, slot * CELLS_PER_HOST + cell, 0);
    }
    for (let worker = 0; worker < this.#buffers.workers; worker++) {
      const row = this.#row(worker, slot);
      this.#counters.fill(0, row, row + COUNTERS_PER_HOST);
    }
    this.#own.delete(slot);
  }

  /** A worker died: what it held active is taken out of the sums. */
  takeBack(worker: number, slot: number): void {
    const row = this.#row(worker, slot);
    const active = this.#counters[row + HostCounter.RqActive]!;
    Atomics.sub(this.#cells, slot * CELLS_PER_HOST + HostCell.ActiveRequests, active);
    this.#counters[row + HostCounter.RqActive] = 0;
    this.#counters[row + HostCounter.CxActive] = 0;
    this.#counters[row + HostCounter.RqPendingActive] = 0;
  }

  #row(worker: number, slot: number): number {
    return (worker * this.#buffers.hostsMax + slot) * COUNTERS_PER_HOST;
  }
}
