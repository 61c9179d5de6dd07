import { TIMER_KINDS } from "../base/timer-scale.ts";
import type { StatsRegistry, WorkerStats } from "../observe/stats/definition.ts";
import type { OverloadDefinition, OverloadUpdate } from "./model.ts";
import type { ResourceMonitor } from "./monitors/monitor.ts";
import { OverloadAction } from "./overload-action.ts";
import type { OverloadMemoryBuffers } from "./overload-memory.ts";
import { OverloadStats } from "./overload-stats.ts";
import { ShedPoint } from "./points.ts";

/** What the overload manager asks of the main thread. */
export interface OverloadManagerOwner {
  readonly registry: StatsRegistry;
  readonly stats: WorkerStats;
  readonly memory: OverloadMemoryBuffers;
  createMonitor(definition: OverloadDefinition["monitors"][number]): ResourceMonitor | null;
  /** Tells the workers. */
  post(update: OverloadUpdate): void;
  /** All threads look for garbage and give memory back. */
  collectGarbage(): void;
  /** What the threads have found to be free goes back to the system. */
  releaseMemory(): void;
  /** For the log. */
  info(text: string): void;
  /** Monotonic milliseconds. */
  nowMs(): number;
}

/** As long as memory is short, garbage is looked for this often: only what is left afterwards is really in use. */
const COLLECT_INTERVAL_MS = 10_000;

/** Main's side: measures, and tells the workers by shared memory what to shed. What they cannot look up is posted. */
export class OverloadManager {
  readonly #owner: OverloadManagerOwner;
  readonly #definition: OverloadDefinition;
  readonly #monitors: (readonly [name: string, monitor: ResourceMonitor])[] = [];
  readonly #ofMemory: Set<string> = new Set();
  readonly #actions: readonly OverloadAction[];
  readonly #values: Float64Array;
  readonly #stats: OverloadStats;
  #timer: NodeJS.Timeout | null = null;
  #refreshedMs = -1;
  #collectedMs = -Infinity;
  #shrunkMs = 0;
  /** Garbage is being looked for; by the next refresh all threads are through. */
  #collecting = false;
  #update: OverloadUpdate = NOTHING;

  constructor(definition: OverloadDefinition, owner: OverloadManagerOwner) {
    this.#definition = definition;
    this.#owner = owner;
    this.#values = new Float64Array(owner.memory.values);
    this.#stats = new OverloadStats(definition, owner.registry, owner.stats);
    for (const each of definition.monitors) {
      const monitor = owner.createMonitor(each);
      if (monitor === null) continue;
      this.#monitors.push([each.name, monitor]);
      if (monitor.ofMemory) this.#ofMemory.add(each.name);
    }
    this.#actions = definition.actions.map((action) => new OverloadAction(action));
    this.#shrunkMs = owner.nowMs();
  }

  start(): void {
    if (this.#monitors.length === 0) return;
    this.#timer = setInterval(() => this.refresh(), this.#definition.refreshIntervalMs);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** What a worker must hear that is born now. */
  get update(): OverloadUpdate {
    return this.#update;
  }

  /** Measures all resources and acts upon what changed. */
  refresh(): void {
    const nowMs = this.#owner.nowMs();
    if (this.#refreshedMs >= 0) this.#stats.recordRefresh(nowMs - this.#refreshedMs);
    this.#refreshedMs = nowMs;
    for (const [name, monitor] of this.#monitors) this.#measure(name, monitor);
    this.#tellWorkers();
    this.#collect(nowMs);
  }

  #measure(name: string, monitor: ResourceMonitor): void {
    let pressure: number;
    try {
      pressure = monitor.pressure();
    } catch (error) {
      this.#stats.countFailure(name);
      this.#owner.info(`failed to update resource ${name}: ${(error as Error).message}`);
      return;
    }
    this.#stats.setPressure(name, pressure);
    for (const action of this.#actions) {
      const before = action.value;
      if (action.update(name, pressure)) this.#apply(action, before);
    }
  }

  #apply({ definition, value }: OverloadAction, before: number): void {
    this.#stats.setAction(definition, value);
    if (definition.point !== null) this.#values[definition.point] = value;
    if ((before === 1) === (value === 1) || definition.loadShed) return;
    this.#owner.info(
      `overload action ${definition.name} became ${value === 1 ? "active" : "inactive"}`,
    );
  }

  #tellWorkers(): void {
    const timerFactors = Array.from({ length: TIMER_KINDS }, () => 1);
    for (const { definition, value } of this.#actions) {
      definition.timerMinimums.forEach((minimum, kind) => {
        if (minimum !== null) timerFactors[kind] = 1 - value;
      });
    }
    const accepting = this.#values[ShedPoint.StopAcceptingConnections]! < 1;
    const old = this.#update;
    const same =
      accepting === old.accepting &&
      timerFactors.every((factor, kind) => factor === old.timerFactors[kind]);
    if (same) return;
    this.#update = { timerFactors, accepting };
    this.#owner.post(this.#update);
  }

  #collect(nowMs: number): void {
    if (this.#collecting) this.#owner.releaseMemory();
    this.#collecting = false;
    if (this.#shrinks(nowMs)) this.#stats.countShrink();
    else if (nowMs - this.#collectedMs < COLLECT_INTERVAL_MS) return;
    else if (!this.#actions.some((action) => action.isFiredBy(this.#ofMemory))) return;
    this.#collectedMs = nowMs;
    this.#collecting = true;
    this.#owner.collectGarbage();
  }

  /** `shrink_heap`, with its own beat. */
  #shrinks(nowMs: number): boolean {
    for (const { definition, value } of this.#actions) {
      const { shrinkIntervalMs } = definition;
      if (shrinkIntervalMs === null || nowMs - this.#shrunkMs < shrinkIntervalMs) continue;
      this.#shrunkMs = nowMs;
      return value === 1;
    }
    return false;
  }
}

const NOTHING: OverloadUpdate = {
  timerFactors: Array.from({ length: TIMER_KINDS }, () => 1),
  accepting: true,
};
