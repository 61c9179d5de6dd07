import assert from "node:assert/strict";
import { it } from "node:test";
import { registerProcessStats } from "./process-stats.ts";
import { renderText } from "./render/text.ts";
import { EVERYTHING, StatView } from "./stat-view.ts";
import { defaultStatsSettings } from "./stats-config.ts";
import { StatsStore } from "./store.ts";

it("process stats exist from the start", () => {
  const store = new StatsStore();
  registerProcessStats(store, 2);
  const view = new StatView(store, defaultStatsSettings());
  const used = [...renderText(view, { ...EVERYTHING, usedOnly: true }, "summary")].join("");
  assert.equal(
    used,
    `server.compilation_settings.fips_mode: 0
server.concurrency: 2
server.days_until_first_cert_expiring: 4294967295
server.hot_restart_epoch: 0
server.hot_restart_generation: 1
server.parent_connections: 0
server.stats_recent_lookups: 0
server.total_connections: 0
`,
  );
  const all = [...renderText(view, EVERYTHING, "summary")].join("");
  assert.match(all, /^filesystem\.write_completed: 0$/m);
  assert.match(all, /^runtime\.num_keys: 0$/m);
});
