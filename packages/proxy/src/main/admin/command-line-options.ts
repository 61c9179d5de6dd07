import { DEFAULT_LOG_FORMAT } from "../../observe/log/format.ts";
import type { ProxyOptions } from "../options.ts";

/** The command line as `envoy.admin.v3.CommandLineOptions` in JSON; flags that are not taken stand at their default. */
export function commandLineOptionsJson(options: ProxyOptions): { readonly [name: string]: unknown } {
  return {
    base_id: String(options.baseId),
    concurrency: options.concurrency,
    config_path: options.configPath,
    config_yaml: options.configYaml,
    allow_unknown_static_fields: options.allowUnknownStaticFields,
    admin_address_path: options.adminAddressPath,
    local_address_ip_version: options.localAddressIpVersion,
    log_level: options.logLevel,
    component_log_level: options.componentLogLevels
      .map(({ component, level }) => `${component}:${level}`)
      .join(","),
    log_format: options.logFormat === "" ? DEFAULT_LOG_FORMAT : options.logFormat,
    log_path: options.logPath,
    service_cluster: options.serviceCluster,
    service_node: options.serviceNode,
    service_zone: options.serviceZone,
    file_flush_interval: seconds(options.fileFlushIntervalMs),
    drain_time: `${options.drainTimeSeconds}s`,
    parent_shutdown_time: `${options.parentShutdownTimeSeconds}s`,
    mode: MODES[options.mode],
    disable_hot_restart: options.disableHotRestart,
    enable_mutex_tracing: false,
    restart_epoch: 0,
    cpuset_threads: options.cpusetThreads,
    reject_unknown_dynamic_fields: options.rejectUnknownDynamicFields,
    log_format_escaped: options.logFormatEscaped,
    disabled_extensions: [],
    ignore_unknown_dynamic_fields: options.ignoreUnknownDynamicFields,
    use_dynamic_base_id: options.useDynamicBaseId,
    base_id_path: options.baseIdPath,
    drain_strategy: options.drainStrategy === "gradual" ? "Gradual" : "Immediate",
    enable_fine_grain_logging: false,
    stats_tag: options.statsTags.map(({ name, value }) => `${name}:${value}`),
    skip_deprecated_logs: options.skipDeprecatedLogs,
    file_flush_min_size: options.fileFlushMinKiB,
  };
}

const MODES = { serve: "Serve", validate: "Validate", init_only: "InitOnly" } as const;

/** A duration as protobuf's JSON has it: `10s`, `0.250s`. */
function seconds(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${(ms / 1000).toFixed(3)}s`;
}
