import type { TimerMinimum } from "../base/timer-scale.ts";
import type { ScopeSlots } from "../observe/stats/definition.ts";
import type { OverloadMemoryBuffers } from "./overload-memory.ts";

/** What a worker is told of the overload manager when it is born. */
export interface OverloadInit {
  readonly memory: OverloadMemoryBuffers;
  /** `max_active_downstream_connections` of all workers together; null: no limit. */
  readonly connectionsMax: number | null;
  /** Of the monitor with that limit: connections that found no place count as its failed updates. */
  readonly connectionScope: ScopeSlots | null;
  /** By shed point: where it counts; null for actions, and for points that are not configured. */
  readonly pointScopes: readonly (ScopeSlots | null)[];
  /** By kind of timer (`TimerKind`); null where it is never reduced. */
  readonly timerMinimums: readonly (TimerMinimum | null)[];
  /** How often the worker's event loop proves that it turns; 0: nobody asks. */
  readonly beatMs: number;
}

/** What the worker is told when something changes that it does not look up by itself. */
export interface OverloadUpdate {
  /** By kind of timer: 1 for the whole timeout, 0 for its minimum, or a share of what lies between. */
  readonly timerFactors: readonly number[];
  /** `stop_accepting_connections` is over: connections that were left waiting are taken. */
  readonly accepting: boolean;
}

/** What a trigger makes of a pressure. */
export type TriggerDefinition =
  | { readonly kind: "threshold"; readonly resource: string; readonly value: number }
  | {
      readonly kind: "scaled";
      readonly resource: string;
      readonly scalingThreshold: number;
      readonly saturationThreshold: number;
    };

/** One resource monitor: its name in triggers and stats, and what it measures. */
export type MonitorDefinition = { readonly name: string } & (
  | { readonly kind: "fixed_heap"; readonly maxHeapSizeBytes: number }
  | { readonly kind: "cgroup_memory"; readonly maxMemoryBytes: number }
  | { readonly kind: "cpu_utilization"; readonly container: boolean }
  | { readonly kind: "injected_resource"; readonly filename: string }
  | { readonly kind: "event_loop_delay"; readonly maxDelayMs: number }
  | { readonly kind: "downstream_connections"; readonly connectionsMax: number }
);

/** An action, or a load shed point. */
export interface ActionDefinition {
  /** In full. */
  readonly name: string;
  readonly triggers: readonly TriggerDefinition[];
  /** Where workers look it up; null for what main does, or tells them. */
  readonly point: number | null;
  /** Of a load shed point; else null. */
  readonly loadShed: boolean;
  /** By kind of timer: what this action reduces. */
  readonly timerMinimums: readonly (TimerMinimum | null)[];
  /** `shrink_heap`: how often; else null. */
  readonly shrinkIntervalMs: number | null;
}

/** `overload_manager` of the bootstrap, compiled: what main needs. */
export interface OverloadDefinition {
  readonly refreshIntervalMs: number;
  readonly monitors: readonly MonitorDefinition[];
  /** Actions, then load shed points. */
  readonly actions: readonly ActionDefinition[];
}
