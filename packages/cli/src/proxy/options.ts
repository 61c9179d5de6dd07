import os from "node:os";
import { DEFAULT_SOCKET_PATH, LOG_LEVELS } from "@nuncio/proxy";
import type { ComponentLogLevel, LogLevelName, ProxyOptions, StatsTag } from "@nuncio/proxy";
import { readChoice, readCount } from "../flag-values.ts";
import type { GivenFlags } from "../flags.ts";
import { UsageError } from "../usage-error.ts";
import { DRAIN_STRATEGIES, IP_VERSIONS, MODES } from "./flags.ts";

/**
 * Checks the values of the flags and turns them into options.
 *
 * @throws UsageError
 */
export function proxyOptions(given: GivenFlags): ProxyOptions {
  const text = (name: string): string => given.get(name)?.[0] ?? "";
  const count = (name: string, otherwise: number): number => readCount(given, name, otherwise);
  const has = (name: string): boolean => given.has(name);
  checkEpoch(given);
  if (text("config-path") === "" && text("config-yaml") === "") {
    throw new UsageError("expected --config-path or --config-yaml, got neither");
  }
  return {
    configPath: text("config-path"),
    configYaml: text("config-yaml"),
    mode: readChoice(given, "mode", MODES, "serve"),
    allowUnimplemented: has("allow-unimplemented"),
    // Envoy takes 0 for one worker too.
    concurrency: Math.max(1, count("concurrency", os.availableParallelism())),
    logLevel: logLevel("log-level", text("log-level") || "info"),
    componentLogLevels: componentLogLevels(text("component-log-level")),
    logFormat: text("log-format"),
    logFormatEscaped: has("log-format-escaped"),
    logPath: text("log-path"),
    adminAddressPath: text("admin-address-path"),
    serviceCluster: text("service-cluster"),
    serviceNode: text("service-node"),
    serviceZone: text("service-zone"),
    localAddressIpVersion: readChoice(given, "local-address-ip-version", IP_VERSIONS, "v4"),
    statsTags: statsTags(given.get("stats-tag") ?? []),
    drainTimeSeconds: count("drain-time-s", 600),
    drainStrategy: readChoice(given, "drain-strategy", DRAIN_STRATEGIES, "gradual"),
    fileFlushIntervalMs: count("file-flush-interval-msec", 10_000),
    fileFlushMinKiB: count("file-flush-min-size-kb", 64),
    allowUnknownStaticFields: has("allow-unknown-static-fields") || has("allow-unknown-fields"),
    rejectUnknownDynamicFields: has("reject-unknown-dynamic-fields"),
    ignoreUnknownDynamicFields: has("ignore-unknown-dynamic-fields"),
    skipDeprecatedLogs: has("skip-deprecated-logs"),
    baseId: count("base-id", 0),
    useDynamicBaseId: has("use-dynamic-base-id"),
    baseIdPath: text("base-id-path"),
    restartEpoch: count("restart-epoch", 0),
    parentShutdownTimeSeconds: count("parent-shutdown-time-s", 900),
    disableHotRestart: has("disable-hot-restart"),
    skipHotRestartOnNoParent: has("skip-hot-restart-on-no-parent"),
    skipHotRestartParentStats: has("skip-hot-restart-parent-stats"),
    socketPath: text("socket-path") || DEFAULT_SOCKET_PATH,
    socketMode: socketMode(text("socket-mode") || "600"),
    cpusetThreads: has("cpuset-threads"),
  };
}

/** Who takes over must know from whom. */
function checkEpoch(given: GivenFlags): void {
  const epoch = readCount(given, "restart-epoch", 0);
  if (epoch > 0 && given.has("use-dynamic-base-id"))
    throw new UsageError(
      `--use-dynamic-base-id: expected --restart-epoch 0 beside it, got ${epoch}`,
    );
}

function socketMode(text: string): number {
  if (!/^0?[0-7]{3}$/.test(text))
    throw new UsageError(`--socket-mode: expected an octal number such as 600, got "${text}"`);
  return Number.parseInt(text, 8);
}

/** @throws UsageError for what is no level */
export function logLevel(flag: string, text: string): LogLevelName {
  const level = LOG_LEVELS.find((name) => name === (text === "warn" ? "warning" : text));
  if (level === undefined)
    throw new UsageError(`--${flag}: expected a level (${LOG_LEVELS.join(", ")}), got "${text}"`);
  return level;
}

function componentLogLevels(list: string): ComponentLogLevel[] {
  if (list === "") return [];
  return list.split(",").map((item) => {
    const [component, level, ...rest] = item.split(":");
    if (!component || !level || rest.length > 0) {
      throw new UsageError(`--component-log-level: expected component:level, got "${item}"`);
    }
    return { component, level: logLevel("component-log-level", level) };
  });
}

function statsTags(items: readonly string[]): StatsTag[] {
  const tags: StatsTag[] = [];
  for (const item of items) {
    const match = /^([A-Za-z0-9]+):([^.]+)$/s.exec(item);
    if (match === null)
      throw new UsageError(
        `--stats-tag: expected name:value, letters and digits before and no dot after the colon; got "${item}"`,
      );
    const [, name = "", value = ""] = match;
    if (tags.some((tag) => tag.name === name))
      throw new UsageError(`--stats-tag: "${name}" is given more than once`);
    tags.push({ name, value });
  }
  return tags;
}
