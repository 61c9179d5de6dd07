import { MainBreakerMemory } from "../shared/breaker-memory.ts";
import { DropMemory } from "../shared/drop-memory.ts";
import { MainHostMemory } from "../shared/host-memory.ts";
import type { UpstreamMemoryBuffers } from "../shared/upstream-memory.ts";
import { SlotAllocator } from "./slot-allocator.ts";

/** Main's side of the memory that upstreams share: who has which place, and what is in it. */
export class MainMemory {
  readonly hosts: MainHostMemory;
  readonly breakers: MainBreakerMemory;
  readonly drops: DropMemory;
  readonly hostSlots: SlotAllocator;
  readonly breakerSlots: SlotAllocator;
  readonly #applied: BigInt64Array;

  constructor(buffers: UpstreamMemoryBuffers) {
    this.hosts = new MainHostMemory(buffers.hosts);
    this.breakers = new MainBreakerMemory(buffers.breakers);
    this.drops = new DropMemory(buffers.drops);
    this.#applied = new BigInt64Array(buffers.applied);
    const appliedByAll = (): number => this.appliedByAll();
    this.hostSlots = new SlotAllocator(buffers.hosts.hostsMax, {
      appliedByAll,
      inUse: (slot) => this.hosts.inUse(slot),
      clear: (slot) => this.hosts.clear(slot),
    });
    this.breakerSlots = new SlotAllocator(buffers.breakers.clustersMax, {
      appliedByAll,
      inUse: (slot) => this.breakers.inUse(slot),
      // Nothing is in use, so there is nothing to clear.
      clear: () => {},
    });
  }

  /** The last update that every worker has applied. */
  appliedByAll(): number {
    let least = Infinity;
    for (let worker = 0; worker < this.#applied.length; worker++) {
      least = Math.min(least, Number(Atomics.load(this.#applied, worker)));
    }
    return least;
  }

  /** A worker died: its requests, connections and retries are over. Before its successor starts. */
  takeBack(worker: number): void {
    for (let slot = 0; slot < this.hostSlots.used; slot++) this.hosts.takeBack(worker, slot);
    this.breakers.takeBack(worker, this.breakerSlots.used);
  }
}
