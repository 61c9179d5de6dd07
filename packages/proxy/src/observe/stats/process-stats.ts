import type { StatsStore } from "./store.ts";
import { FILESYSTEM_STATS } from "./tables/filesystem.ts";
import { RUNTIME_STATS } from "./tables/runtime.ts";
import { SERVER_STATS } from "./tables/server.ts";

/** Gauges of parts that are not there: no hot restart, no certificates, no limit on connections. */
const CONSTANTS: readonly (readonly [keyof (typeof SERVER_STATS)["at"], number])[] = [
  ["compilation_settings.fips_mode", 0],
  ["hot_restart_epoch", 0],
  ["hot_restart_generation", 1],
  ["parent_connections", 0],
  ["total_connections", 0],
  ["stats_recent_lookups", 0],
  // Envoy's figure for "no certificate expires".
  ["days_until_first_cert_expiring", 2 ** 32 - 1],
];

/**
 * Makes the stats exist that every Envoy process has, whatever its configuration, and sets those that never
 * change. Called by main once; those that move are main's to write.
 */
export function registerProcessStats(store: StatsStore, workers: number): void {
  const { slots } = store.main;
  const server = store.scope("server.", SERVER_STATS).base;
  for (const [name, value] of CONSTANTS) slots[server + SERVER_STATS.at[name]] = value;
  slots[server + SERVER_STATS.at.concurrency] = workers;
  store.scope("filesystem.", FILESYSTEM_STATS);
  store.scope("runtime.", RUNTIME_STATS);
}
