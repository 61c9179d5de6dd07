import type { AdminHandler } from "./handler.ts";
import {
  drainListeners,
  healthcheckFail,
  healthcheckOk,
  quit,
  reopenLogs,
  resetCounters,
} from "./handlers/actions.ts";
import { certs } from "./handlers/certs.ts";
import { clientStatus } from "./handlers/client-status.ts";
import { clusters } from "./handlers/clusters.ts";
import { configDump } from "./handlers/config-dump.ts";
import { explain } from "./handlers/explain.ts";
import { helpHandler } from "./handlers/help.ts";
import { homeHandler } from "./handlers/home.ts";
import { hotRestartVersion } from "./handlers/hot-restart-version.ts";
import { initDump } from "./handlers/init-dump.ts";
import { listeners } from "./handlers/listeners.ts";
import { logging } from "./handlers/logging.ts";
import { memory } from "./handlers/memory.ts";
import { ready } from "./handlers/ready.ts";
import { runtimeModify } from "./handlers/runtime-modify.ts";
import { runtime } from "./handlers/runtime.ts";
import { serverInfo } from "./handlers/server-info.ts";
import { stats, statsPrometheus } from "./handlers/stats.ts";
import { xds } from "./handlers/xds.ts";

/** Everything that admin answers, in order of /help. */
export const HANDLERS: readonly AdminHandler[] = [
  homeHandler(() => HANDLERS),
  certs,
  clusters,
  configDump,
  drainListeners,
  explain,
  healthcheckFail,
  healthcheckOk,
  helpHandler(() => HANDLERS),
  hotRestartVersion,
  initDump,
  listeners,
  logging,
  memory,
  quit,
  ready,
  reopenLogs,
  resetCounters,
  runtime,
  runtimeModify,
  serverInfo,
  stats,
  statsPrometheus,
  clientStatus,
  xds,
];
