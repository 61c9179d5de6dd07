import { mergeImplemented, type ImplementedTable } from "@nuncio/api";
import { accessLoggerConfigSides } from "../access-loggers/config-sides.ts";
import { implemented as configSources } from "../config/config-source.ts";
import { implemented as discovery } from "../config/extension-discovery.ts";
import { httpFilterMainSides } from "../http/filters/main-registry.ts";
import { implemented as headerMutations } from "../http/header-mutations/implemented.ts";
import { implemented as routes } from "../http/route/implemented.ts";
import { implemented as listeners } from "../listener/config.ts";
import { implemented as matching } from "../matching/implemented.ts";
import { networkFilterMainSides } from "../network-filters.ts";
import { implemented as accessLogs } from "../observe/access-log/implemented.ts";
import { implemented as formats } from "../observe/format/implemented.ts";
import { implemented as stats } from "../observe/stats/stats-config.ts";
import { implemented as overload } from "../overload/implemented.ts";
import { implemented as runtime } from "../runtime/config.ts";
import { implemented as tls } from "../transport/tls/config/implemented.ts";
import { implemented as clusters } from "../upstream/implemented.ts";
import { implemented as admin } from "./admin/implemented.ts";

const BOOTSTRAP = "envoy.config.bootstrap.v3.Bootstrap";

const bootstrap = {
  [BOOTSTRAP]: [
    "node",
    "node_context_params",
    "static_resources",
    "dynamic_resources",
    "cluster_manager",
    "hds_config",
    "config_sources",
    "default_config_source",
    "admin",
    "stats_config",
    "stats_flush_interval",
    "overload_manager",
    "layered_runtime",
  ],
  "envoy.config.bootstrap.v3.ClusterManager": ["load_stats_config"],
  [`${BOOTSTRAP}.DynamicResources`]: "all",
  [`${BOOTSTRAP}.StaticResources`]: ["listeners", "clusters", "secrets"],
  ...configSources,
  "envoy.config.core.v3.Node": "all",
  "envoy.config.core.v3.Locality": "all",
  "envoy.config.core.v3.Extension": "all",
  "envoy.config.core.v3.BuildVersion": "all",
  "envoy.type.v3.SemanticVersion": "all",
} as const;

let table: ImplementedTable | undefined;

/** Everything that Nuncio implements, room by room. What is not in here is refused by name. */
export function implementedTable(): ImplementedTable {
  table ??= mergeImplemented([
    bootstrap,
    admin,
    runtime,
    stats,
    listeners,
    discovery,
    routes,
    matching,
    headerMutations,
    accessLogs,
    formats,
    overload,
    clusters,
    tls,
    ...[...accessLoggerConfigSides.values()].map((side) => side.implemented),
    ...[...networkFilterMainSides.values()].map((side) => side.implemented),
    ...[...httpFilterMainSides.values()].map((side) => side.implemented),
  ]);
  return table;
}
