import { HELP_FLAG } from "../command-line/command.ts";
import {
  ALLOW_UNIMPLEMENTED_FLAG,
  NODE_FLAGS,
  SOCKET_PATH_FLAG,
  SOURCE_FLAGS,
} from "../config-flags.ts";
import type { Flag } from "../flags.ts";

/** What the proxy does with its configuration. */
export const MODES = ["serve", "validate", "init_only"] as const;
export const IP_VERSIONS = ["v4", "v6"] as const;
export const DRAIN_STRATEGIES = ["gradual", "immediate"] as const;

/** The flags of `nuncio proxy`: all of Envoy 1.40's, and `--allow-unimplemented`. */
export const PROXY_FLAGS: readonly Flag[] = [
  ...SOURCE_FLAGS,
  { name: "mode", value: "MODE", choices: MODES, help: "serve (default), validate, init_only" },
  ALLOW_UNIMPLEMENTED_FLAG,
  {
    name: "concurrency",
    value: "N",
    help: "worker threads; default: the CPUs this process may use",
  },
  {
    name: "log-level",
    short: "l",
    value: "LEVEL",
    help: "trace, debug, info (default), warning|warn, error, critical, off",
  },
  {
    name: "component-log-level",
    value: "LIST",
    help: "levels per component: upstream:debug,config:trace",
  },
  { name: "log-format", value: "FORMAT", help: "message format in spdlog syntax" },
  { name: "log-format-escaped", help: "escape control characters in messages" },
  { name: "log-path", value: "FILE", help: "log file; default: stderr" },
  {
    name: "admin-address-path",
    value: "FILE",
    help: "write the address of the admin listener to FILE",
  },
  ...NODE_FLAGS,
  {
    name: "local-address-ip-version",
    value: "V",
    choices: IP_VERSIONS,
    help: "v4 (default) or v6",
  },
  {
    name: "stats-tag",
    value: "TAG:VALUE",
    repeatable: true,
    help: "tag of every stat; may be repeated",
  },
  { name: "drain-time-s", value: "SECONDS", help: "time of a drain; default 600" },
  {
    name: "drain-strategy",
    value: "HOW",
    choices: DRAIN_STRATEGIES,
    help: "gradual (default) or immediate",
  },
  {
    name: "file-flush-interval-msec",
    value: "MS",
    help: "time between flushes of access logs; default 10000",
  },
  {
    name: "file-flush-min-size-kb",
    value: "KIB",
    help: "size that makes an access log flush; default 64",
  },
  {
    name: "allow-unknown-static-fields",
    help: "warn about unknown fields in static configuration",
  },
  { name: "allow-unknown-fields", help: "the same; deprecated" },
  { name: "reject-unknown-dynamic-fields", help: "refuse unknown fields in dynamic configuration" },
  { name: "ignore-unknown-dynamic-fields", help: "ignore unknown fields in dynamic configuration" },
  { name: "skip-deprecated-logs", help: "no warnings about deprecated fields" },
  { name: "base-id", value: "N", help: "by which hot restart finds the process; default 0" },
  { name: "use-dynamic-base-id", help: "choose a base id that is free" },
  { name: "base-id-path", value: "FILE", help: "write the base id to FILE" },
  {
    name: "restart-epoch",
    value: "N",
    help: "take over from the process with the epoch before this one; default 0: from none",
  },
  {
    name: "parent-shutdown-time-s",
    value: "SECONDS",
    help: "time until the process before this one ends in any case; default 900",
  },
  { name: "disable-hot-restart", help: "neither take over nor hand over" },
  {
    name: "skip-hot-restart-on-no-parent",
    help: "start as if in epoch 0 when there is no process to take over from",
  },
  { name: "skip-hot-restart-parent-stats", help: "begin with new stats" },
  SOCKET_PATH_FLAG,
  { name: "socket-mode", value: "MODE", help: "its permissions, octal; default 600" },
  {
    name: "cpuset-threads",
    help: "shown in /server_info; the default of --concurrency obeys the cpuset",
  },
  { name: "hot-restart-version", help: "print the hot restart version and exit" },
  { name: "version", help: "print the version and exit" },
  HELP_FLAG,
  {
    name: "disable-extensions",
    value: "LIST",
    help: "refused",
    refused: "switching extensions off",
  },
  { name: "enable-core-dump", help: "refused", refused: "core dumps; use the limit of the shell" },
  { name: "enable-mutex-tracing", help: "refused", refused: "mutex tracing" },
  { name: "enable-fine-grain-logging", help: "refused", refused: "log levels per file" },
  { name: "log-stacktrace-single-entry", help: "refused", refused: "stack traces in the log" },
];
