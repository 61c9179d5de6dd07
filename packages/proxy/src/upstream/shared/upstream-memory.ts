import type { BreakerMemoryBuffers } from "./breaker-memory.ts";
import { createBreakerMemory, WorkerBreakerMemory } from "./breaker-memory.ts";
import { createDropMemory, DropMemory } from "./drop-memory.ts";
import type { HostMemoryBuffers } from "./host-memory.ts";
import { createHostMemory, WorkerHostMemory } from "./host-memory.ts";

/** Everything that upstreams share between threads. Plain: main makes it once and hands it to each worker. */
export interface UpstreamMemoryBuffers {
  readonly hosts: HostMemoryBuffers;
  readonly breakers: BreakerMemoryBuffers;
  readonly drops: SharedArrayBuffer;
  /** Per worker, the sequence of the last update it applied: what main frees, no worker uses any more. */
  readonly applied: SharedArrayBuffer;
}

/** How much there can be of what lives in shared memory. Address space only; pages are touched when used. */
export interface UpstreamLimits {
  /** Hosts of all clusters together, those that still drain included. */
  readonly hostsMax: number;
  readonly clustersMax: number;
}

const DEFAULT_UPSTREAM_LIMITS: UpstreamLimits = { hostsMax: 1 << 18, clustersMax: 1 << 16 };

/** All shared memory of the upstreams, made once by main. */
export function createUpstreamMemory(
  workers: number,
  limits: UpstreamLimits = DEFAULT_UPSTREAM_LIMITS,
): UpstreamMemoryBuffers {
  return {
    hosts: createHostMemory(workers, limits.hostsMax),
    breakers: createBreakerMemory(workers, limits.clustersMax),
    drops: createDropMemory(limits.clustersMax),
    applied: new SharedArrayBuffer(workers * BigInt64Array.BYTES_PER_ELEMENT),
  };
}

/** One worker's views on the shared memory. */
export interface WorkerUpstreamMemory {
  readonly hosts: WorkerHostMemory;
  readonly breakers: WorkerBreakerMemory;
  readonly drops: DropMemory;
  /** Tells main that the update with this sequence, and all before it, are applied. */
  setApplied(sequence: number): void;
}

/** The views of worker `workerId`. */
export function openUpstreamMemory(
  buffers: UpstreamMemoryBuffers,
  workerId: number,
): WorkerUpstreamMemory {
  const applied = new BigInt64Array(buffers.applied);
  return {
    hosts: new WorkerHostMemory(buffers.hosts, workerId),
    breakers: new WorkerBreakerMemory(buffers.breakers, workerId),
    drops: new DropMemory(buffers.drops),
    setApplied(sequence) {
      Atomics.store(applied, workerId, BigInt(sequence));
    },
  };
}
