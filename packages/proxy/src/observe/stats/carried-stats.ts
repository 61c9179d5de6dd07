import type { WorkerStats } from "./definition.ts";
import type { ScopeEntry, StatsStore } from "./store.ts";
import { LISTENER_STATS } from "./tables/listener.ts";
import { WorkerStatsStore } from "./worker-store.ts";

/** The stats of a process that another one goes on with: what is not 0. Plain data, for JSON. */
export interface StatsSnapshot {
  /** By prefix of the scope, then by name below it. */
  readonly counters: { readonly [prefix: string]: { readonly [name: string]: number } };
  readonly gauges: { readonly [prefix: string]: { readonly [name: string]: number } };
  /** Counters that appeared with their first use, by full name. */
  readonly dynamic: { readonly [fullName: string]: number };
}

/** The number under which carried stats stand among those of the workers; main's own are -1. */
const CARRIED = -2;

/**
 * Gauges that count what is open, so that two processes have the sum of theirs. All others say how one process is, and
 * the new one says it for itself. Envoy calls the first sort Accumulate.
 */
const ADDED_UP =
  /_active$|_buffered$|^active_connections$|^deferred_stream_close$|^pending_send_bytes$|^memory_/;
/** They end alike and say how one process is. */
const NOT_ADDED_UP: ReadonlySet<string> = new Set([
  "total_listeners_active",
  "lb_subsets_active",
  "admin_overrides_active",
]);

/** Takes a snapshot of counters and of the gauges that add up. */
export function snapshotStats(store: StatsStore): StatsSnapshot {
  store.refresh();
  const counters: Record<string, Record<string, number>> = {};
  const gauges: Record<string, Record<string, number>> = {};
  for (const { scope, table } of store.scopes) {
    table.names.forEach((name, i) => {
      const kind = table.kinds[i]!;
      if (kind === "histogram") return;
      const slot = scope.base + table.at[name]!;
      const value = kind === "counter" ? store.counter(slot) : store.gauge(slot);
      if (value === 0 || (kind === "gauge" && !addsUp(name))) return;
      ((kind === "counter" ? counters : gauges)[scope.prefix] ??= {})[name] = value;
    });
  }
  const dynamic: Record<string, number> = {};
  for (const name of store.dynamicNames()) {
    const value = store.dynamicCounter(name);
    if (value !== 0) dynamic[name] = value;
  }
  return { counters, gauges, dynamic };
}

/** The stats of the process before this one, beside this one's own: they add up like those of one more worker. */
export class CarriedStats {
  readonly #store: StatsStore;
  readonly #stats: WorkerStats;
  /** Gauges that the last snapshot set, by slot. */
  #gauges = new Set<number>();

  constructor(store: StatsStore) {
    this.#store = store;
    this.#stats = new WorkerStatsStore(store.workerMemory(CARRIED), (announcement) =>
      store.announced(CARRIED, announcement),
    );
  }

  /**
   * A later snapshot takes the place of an earlier one. What this process has no stat for is left out until it has
   * one: a later snapshot brings it.
   */
  apply({ counters, gauges, dynamic }: StatsSnapshot): void {
    const { slots } = this.#stats;
    const byPrefix = Map.groupBy(this.#store.scopes, ({ scope }) => scope.prefix);
    for (const [prefix, values] of Object.entries(counters)) {
      for (const slot of slotsOf(byPrefix.get(prefix), values, "counter"))
        slots[slot.at] = slot.value;
    }
    const before = this.#gauges;
    this.#gauges = new Set();
    for (const [prefix, values] of Object.entries(gauges)) {
      for (const { at, value } of slotsOf(byPrefix.get(prefix), values, "gauge")) {
        slots[at] = value;
        this.#gauges.add(at);
        before.delete(at);
      }
    }
    for (const at of before) slots[at] = 0;
    for (const [name, value] of Object.entries(dynamic))
      slots[this.#stats.dynamicCounter(name)] = value;
  }

  /** The sum of a gauge of all listeners, as that process had it. */
  listenerSum(name: "downstream_cx_active" | "downstream_pre_cx_active"): number {
    const { slots } = this.#stats;
    let sum = 0;
    for (const { scope, table } of this.#store.scopes)
      if (table === LISTENER_STATS) sum += slots[scope.base + LISTENER_STATS.at[name]]!;
    return sum;
  }

  /** That process is gone: its counters stay, and it holds nothing open any more. */
  end(): void {
    for (const at of this.#gauges) this.#stats.slots[at] = 0;
    this.#gauges.clear();
  }
}

function addsUp(name: string): boolean {
  return ADDED_UP.test(name) && !NOT_ADDED_UP.has(name);
}

/** Several tables may have the same prefix. */
function* slotsOf(
  entries: readonly ScopeEntry[] | undefined,
  values: { readonly [name: string]: number },
  kind: "counter" | "gauge",
): Generator<{ readonly at: number; readonly value: number }> {
  if (entries === undefined) return;
  for (const [name, value] of Object.entries(values)) {
    for (const { scope, table } of entries) {
      if (!Object.hasOwn(table.at, name) || table.kinds[table.names.indexOf(name)] !== kind)
        continue;
      yield { at: scope.base + table.at[name]!, value };
      break;
    }
  }
}
