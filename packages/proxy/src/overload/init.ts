import { TIMER_KINDS, type TimerMinimum } from "../base/timer-scale.ts";
import type { StatsRegistry } from "../observe/stats/definition.ts";
import type { OverloadDefinition, OverloadInit } from "./model.ts";
import { BEAT_MS, type OverloadMemoryBuffers } from "./overload-memory.ts";
import { pointScopes, resourceScope } from "./overload-stats.ts";

/** What workers are born with. */
export function overloadInit(
  definition: OverloadDefinition,
  memory: OverloadMemoryBuffers,
  registry: StatsRegistry,
): OverloadInit {
  const limit = definition.monitors.find(({ kind }) => kind === "downstream_connections");
  const beats = definition.monitors.some(({ kind }) => kind === "event_loop_delay");
  const timerMinimums = Array.from({ length: TIMER_KINDS }, (): TimerMinimum | null => null);
  for (const action of definition.actions) {
    action.timerMinimums.forEach((minimum, kind) => {
      if (minimum !== null) timerMinimums[kind] = minimum;
    });
  }
  return {
    memory,
    connectionsMax: limit?.kind === "downstream_connections" ? limit.connectionsMax : null,
    connectionScope: limit === undefined ? null : resourceScope(registry, limit.name),
    pointScopes: pointScopes(definition, registry),
    timerMinimums,
    beatMs: beats ? BEAT_MS : 0,
  };
}
