/** Names of `--log-level`; `warn` is read as `warning`, as Envoy does. */
export const LOG_LEVELS = [
  "trace",
  "debug",
  "info",
  "warning",
  "error",
  "critical",
  "off",
] as const;
export type LogLevelName = (typeof LOG_LEVELS)[number];

/** What to do with the configuration. */
export type ProxyMode =
  /** Validate, then serve. */
  | "serve"
  /** Validate and exit: 0 or 1. */
  | "validate"
  /** Start up to the point of serving, then exit. */
  | "init_only";

/**
 * The command line of `nuncio proxy`, read and checked: Envoy 1.40's flags at their Envoy names, with the unit in the
 * name. A flag that Nuncio does not take is refused by the command and has no place here.
 *
 * Source: docs/operations/cli of Envoy.
 */
export interface ProxyOptions {
  /** `-c`, `--config-path`; empty when not given. The command has seen that this or `configYaml` is there. */
  readonly configPath: string;
  /** `--config-yaml`, merged over the file; empty when not given. */
  readonly configYaml: string;
  readonly mode: ProxyMode;
  /** `--allow-unimplemented`: what Nuncio does not have is a warning, not an error. Not a flag of Envoy's. */
  readonly allowUnimplemented: boolean;

  /** Worker threads, at least 1. Without the flag: the CPUs this process may use. */
  readonly concurrency: number;

  /** `-l`, `--log-level`. */
  readonly logLevel: LogLevelName;
  /** `--component-log-level upstream:debug,config:trace`, in order; names are not checked here. */
  readonly componentLogLevels: readonly ComponentLogLevel[];
  /** `--log-format`, spdlog's syntax; empty for Envoy's default. */
  readonly logFormat: string;
  /** `--log-format-escaped`: line breaks and the like inside a message are written as `\n`. */
  readonly logFormatEscaped: boolean;
  /** `--log-path`; empty for stderr. */
  readonly logPath: string;

  /** `--admin-address-path`: file that receives `host:port` of the admin listener; empty for none. */
  readonly adminAddressPath: string;
  /** `--service-cluster`; overrides `node.cluster` when that is empty. */
  readonly serviceCluster: string;
  /** `--service-node`; as `serviceCluster`, for `node.id`. */
  readonly serviceNode: string;
  /** `--service-zone`; as `serviceCluster`, for `node.locality.zone`. */
  readonly serviceZone: string;
  /** `--local-address-ip-version`: family of the local address put into node information. */
  readonly localAddressIpVersion: "v4" | "v6";
  /** `--stats-tag name:value`, repeatable: tags of every stat. */
  readonly statsTags: readonly StatsTag[];

  /** `--drain-time-s`, seconds. Default 600. */
  readonly drainTimeSeconds: number;
  readonly drainStrategy: "gradual" | "immediate";
  /** `--file-flush-interval-msec`, milliseconds between flushes of access logs. Default 10,000. */
  readonly fileFlushIntervalMs: number;
  /** `--file-flush-min-size-kb`, KiB that make an access log flush before its time. Default 64. */
  readonly fileFlushMinKiB: number;

  /** `--allow-unknown-static-fields` (or the deprecated `--allow-unknown-fields`): warn instead of refusing. */
  readonly allowUnknownStaticFields: boolean;
  /** `--reject-unknown-dynamic-fields`: refuse over xDS what is only a warning without the flag. */
  readonly rejectUnknownDynamicFields: boolean;
  /** `--ignore-unknown-dynamic-fields`: neither warn nor count. */
  readonly ignoreUnknownDynamicFields: boolean;
  /** `--skip-deprecated-logs`: no warning for deprecated fields. */
  readonly skipDeprecatedLogs: boolean;

  /** `--base-id`: the process that serves, and its successor, find each other by it. */
  readonly baseId: number;
  /** `--use-dynamic-base-id`: a base id that nobody has is chosen. Not with a `restartEpoch` above 0. */
  readonly useDynamicBaseId: boolean;
  /** `--base-id-path`: file that receives the base id; empty for none. */
  readonly baseIdPath: string;
  /** `--restart-epoch`: 0, or one more than the process has that this one takes over from. */
  readonly restartEpoch: number;
  /** `--parent-shutdown-time-s`, seconds: after this the process before this one ends in any case. Default 900. */
  readonly parentShutdownTimeSeconds: number;
  /** `--disable-hot-restart`: no control socket, no successor. */
  readonly disableHotRestart: boolean;
  /** `--skip-hot-restart-on-no-parent`: an epoch above 0 starts without a process to take over from, too. */
  readonly skipHotRestartOnNoParent: boolean;
  /** `--skip-hot-restart-parent-stats`: stats begin anew. */
  readonly skipHotRestartParentStats: boolean;
  /** `--socket-path`: of the control socket, up to the base id; `@` starts an abstract name. */
  readonly socketPath: string;
  /** `--socket-mode`: permissions of the control socket when it is a file. */
  readonly socketMode: number;
  /** `--cpuset-threads`. The default of `concurrency` obeys the cpuset anyway; `/server_info` shows it. */
  readonly cpusetThreads: boolean;
}

/** One item of `--component-log-level`. */
export interface ComponentLogLevel {
  /** Envoy's component name: `upstream`, `http`, `config` … */
  readonly component: string;
  readonly level: LogLevelName;
}

/** One `--stats-tag`. */
export interface StatsTag {
  readonly name: string;
  readonly value: string;
}

/** The answer of `validateConfig`. */
export interface ValidationResult {
  readonly ok: boolean;
  /** Lines for the user, without a final line break: problems with their places, then Envoy's `configuration 'x' OK`. */
  readonly text: string;
}
