import type { ScopeSlots, StatsRegistry, WorkerStats } from "../observe/stats/definition.ts";
import {
  LOAD_SHED_POINT_STATS,
  OVERLOAD_ACTION_STATS,
  OVERLOAD_RESOURCE_STATS,
  OVERLOAD_STATS,
  SHRINK_HEAP_STATS,
} from "../observe/stats/tables/overload.ts";
import type { ActionDefinition, OverloadDefinition } from "./model.ts";
import { SHED_POINTS } from "./points.ts";

/** `overload.*` as main writes it. */
export class OverloadStats {
  readonly #registry: StatsRegistry;
  readonly #stats: WorkerStats;
  readonly #histogram: number;

  /** All of them are there from the beginning. */
  constructor(definition: OverloadDefinition, registry: StatsRegistry, stats: WorkerStats) {
    this.#registry = registry;
    this.#stats = stats;
    const { histogramBase } = registry.scope("overload.", OVERLOAD_STATS);
    this.#histogram = histogramBase + OVERLOAD_STATS.at.refresh_interval_delay;
    for (const { name } of definition.monitors) resourceScope(registry, name);
    for (const action of definition.actions) this.setAction(action, 0);
    if (definition.actions.some(({ shrinkIntervalMs }) => shrinkIntervalMs !== null))
      this.#shrinkScope();
  }

  recordRefresh(delayMs: number): void {
    this.#stats.record(this.#histogram, delayMs);
  }

  /** In whole percents. */
  setPressure(resource: string, pressure: number): void {
    const { base } = resourceScope(this.#registry, resource);
    this.#stats.slots[base + OVERLOAD_RESOURCE_STATS.at.pressure] = Math.trunc(pressure * 100);
  }

  countFailure(resource: string): void {
    const { base } = resourceScope(this.#registry, resource);
    this.#stats.slots[base + OVERLOAD_RESOURCE_STATS.at.failed_updates]! += 1;
  }

  setAction({ name, loadShed }: ActionDefinition, value: number): void {
    const { slots } = this.#stats;
    const percent = Math.trunc(Math.fround(value * 100));
    if (loadShed) {
      const { base } = loadShedScope(this.#registry, name);
      slots[base + LOAD_SHED_POINT_STATS.at.scale_percent] = percent;
      return;
    }
    const { base } = this.#registry.scope(prefixOf(name), OVERLOAD_ACTION_STATS);
    slots[base + OVERLOAD_ACTION_STATS.at.active] = value === 1 ? 1 : 0;
    slots[base + OVERLOAD_ACTION_STATS.at.scale_percent] = percent;
  }

  countShrink(): void {
    this.#stats.slots[this.#shrinkScope().base + SHRINK_HEAP_STATS.at.shrink_count]! += 1;
  }

  #shrinkScope(): ScopeSlots {
    return this.#registry.scope(prefixOf("envoy.overload_actions.shrink_heap"), SHRINK_HEAP_STATS);
  }
}

/** Where the stats of a resource monitor are. */
export function resourceScope(registry: StatsRegistry, name: string): ScopeSlots {
  return registry.scope(prefixOf(name), OVERLOAD_RESOURCE_STATS);
}

/** By shed point: where workers count what they shed; null for what is not configured. */
export function pointScopes(
  { actions }: OverloadDefinition,
  registry: StatsRegistry,
): (ScopeSlots | null)[] {
  const scopes = Array.from({ length: SHED_POINTS }, (): ScopeSlots | null => null);
  for (const { name, point, loadShed } of actions) {
    if (loadShed && point !== null) scopes[point] = loadShedScope(registry, name);
  }
  return scopes;
}

function loadShedScope(registry: StatsRegistry, name: string): ScopeSlots {
  return registry.scope(prefixOf(name), LOAD_SHED_POINT_STATS);
}

function prefixOf(name: string): string {
  return `overload.${name}.`;
}
