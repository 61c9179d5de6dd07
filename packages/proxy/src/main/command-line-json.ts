import { formatDuration } from "@nuncio/api";
import { DEFAULT_LOG_FORMAT } from "../observe/log/format.ts";
import type { ProxyOptions } from "./options.ts";

/** The flags as `envoy.admin.v3.CommandLineOptions`, with proto names. */
export function commandLineOptionsJson(options: ProxyOptions): {
  readonly [name: string]: unknown;
} {
  const components = options.componentLogLevels.map(
    ({ component, level }) => `${component}:${level}`,
  );
  return {
    base_id: String(options.baseId),
    use_dynamic_base_id: options.useDynamicBaseId,
    base_id_path: options.baseIdPath,
    concurrency: options.concurrency,
    config_path: options.configPath,
    config_yaml: options.configYaml,
    allow_unknown_static_fields: options.allowUnknownStaticFields,
    reject_unknown_dynamic_fields: options.rejectUnknownDynamicFields,
    ignore_unknown_dynamic_fields: options.ignoreUnknownDynamicFields,
    admin_address_path: options.adminAddressPath,
    local_address_ip_version: options.localAddressIpVersion,
    log_level: options.logLevel,
    component_log_level: components.join(","),
    log_format: options.logFormat === "" ? DEFAULT_LOG_FORMAT : options.logFormat,
    log_format_escaped: options.logFormatEscaped,
    log_path: options.logPath,
    service_cluster: options.serviceCluster,
    service_node: options.serviceNode,
    service_zone: options.serviceZone,
    file_flush_interval: secondsText(options.fileFlushIntervalMs / 1000),
    file_flush_min_size: options.fileFlushMinKiB,
    drain_time: secondsText(options.drainTimeSeconds),
    drain_strategy: options.drainStrategy === "gradual" ? "Gradual" : "Immediate",
    parent_shutdown_time: secondsText(options.parentShutdownTimeSeconds),
    mode: { serve: "Serve", validate: "Validate", init_only: "InitOnly" }[options.mode],
    disable_hot_restart: options.disableHotRestart,
    socket_path: options.socketPath,
    // An abstract name has none.
    socket_mode: options.socketPath.startsWith("@") ? 0 : options.socketMode,
    skip_hot_restart_on_no_parent: options.skipHotRestartOnNoParent,
    skip_hot_restart_parent_stats: options.skipHotRestartParentStats,
    restart_epoch: options.restartEpoch,
    cpuset_threads: options.cpusetThreads,
    stats_tag: options.statsTags.map(({ name, value }) => `${name}:${value}`),
  };
}

function secondsText(seconds: number): string {
  return formatDuration(BigInt(Math.round(seconds * 1e9)));
}
