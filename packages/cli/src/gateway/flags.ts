import type { EtcdProviderOptions } from "@nuncio/gateway";
import { LOG_LEVELS } from "@nuncio/proxy";
import { DEFAULT_GATEWAY_ADMIN } from "../admin.ts";
import { HELP_FLAG } from "../command-line/command.ts";
import { ETCD_FLAGS, etcdOptions } from "../etcd/flags.ts";
import { readChoice, readCount } from "../flag-values.ts";
import type { Flag, GivenFlags } from "../flags.ts";
import { LIMIT_FLAG, resourceLimits, type ResourceLimits } from "../limits.ts";
import { logLevel } from "../proxy/options.ts";
import { UsageError } from "../usage-error.ts";

const DEFAULT_HOST_PORT = DEFAULT_GATEWAY_ADMIN.replace("http://", "");

const DATA_PLANES = ["nuncio", "envoy"] as const;
const INFRASTRUCTURES = ["embedded", "host"] as const;

const ETCD_LIMITS = ["etcd-value-bytes-max", "etcd-keys-max", "etcd-lease-seconds"] as const;

export const RUN_FLAGS: readonly Flag[] = [
  {
    name: "resources",
    short: "r",
    value: "PATH",
    repeatable: true,
    help: "files or folders with resources of Gateway API, which are followed; without it and --etcd an example runs",
  },
  ...ETCD_FLAGS,
  {
    name: "etcd-value-bytes-max",
    value: "N",
    help: "larger values are refused; default: 1572864, which etcd takes unless told otherwise",
  },
  { name: "etcd-keys-max", value: "N", help: "more resources are left out; default: 100000" },
  {
    name: "etcd-lease-seconds",
    value: "N",
    help: "another control plane writes statuses so long after the one that did is gone; default: 10",
  },
  { name: "status-file", value: "FILE", help: "the status of each resource is written there" },
  {
    name: "data-plane",
    value: "NAME",
    choices: DATA_PLANES,
    help: "what serves, nuncio or envoy, unless a NuncioProxy says which; default: nuncio",
  },
  {
    name: "infrastructure",
    value: "WHERE",
    choices: INFRASTRUCTURES,
    help: "embedded: one proxy in this process; host: a process for each Gateway; default: embedded, or host for envoy",
  },
  { name: "envoy-path", value: "FILE", help: "the Envoy to run; default: envoy" },
  {
    name: "xds-port",
    value: "PORT",
    help: "xDS on this port of 127.0.0.1, open to all users of this host; default: a Unix socket of this user alone",
  },
  {
    name: "admin-port",
    value: "PORT",
    help: "admin interface of the embedded proxy; default: 9901",
  },
  {
    name: "admin",
    value: "ADDRESS",
    help: `admin interface of the control plane, HOST:PORT or none; default: ${DEFAULT_HOST_PORT}`,
  },
  { name: "concurrency", value: "N", help: "worker threads of each data plane; default: 1" },
  {
    name: "log-level",
    short: "l",
    value: "LEVEL",
    choices: LOG_LEVELS,
    help: "log of data planes; default: warning",
  },
  LIMIT_FLAG,
  HELP_FLAG,
];

/** What `nuncio gateway run` was asked for. */
export interface RunOptions {
  readonly resources: readonly string[];
  /** Undefined: none. */
  readonly etcd: EtcdProviderOptions | undefined;
  readonly statusFile: string | undefined;
  readonly dataPlane: (typeof DATA_PLANES)[number];
  readonly infrastructure: (typeof INFRASTRUCTURES)[number];
  readonly envoyPath: string;
  /** Of 127.0.0.1; undefined: a Unix socket. */
  readonly xdsPort: number | undefined;
  readonly adminPort: number;
  /** Of the control plane; undefined: none. */
  readonly admin:
    | {
        readonly address: { readonly host: string; readonly port: number };
        /** False: nobody asked for it. */
        readonly isGiven: boolean;
      }
    | undefined;
  readonly concurrency: number;
  readonly logLevel: string;
  readonly limits: ResourceLimits;
}

/** @throws UsageError */
export function runOptions(given: GivenFlags): RunOptions {
  const dataPlane = readChoice(given, "data-plane", DATA_PLANES, "nuncio");
  const usual = dataPlane === "envoy" ? "host" : "embedded";
  const infrastructure = readChoice(given, "infrastructure", INFRASTRUCTURES, usual);
  if (dataPlane === "envoy" && infrastructure === "embedded")
    throw new UsageError(
      "--infrastructure: expected host with --data-plane envoy, got embedded: only nuncio runs in this process",
    );
  return {
    resources: given.get("resources") ?? [],
    etcd: readEtcd(given),
    statusFile: given.get("status-file")?.[0],
    dataPlane,
    infrastructure,
    envoyPath: given.get("envoy-path")?.[0] ?? "envoy",
    xdsPort: given.has("xds-port") ? readPort(given, "xds-port", 0) : undefined,
    adminPort: readPort(given, "admin-port", 9901),
    admin: readAdmin(given.get("admin")?.[0]),
    concurrency: readConcurrency(given),
    logLevel: logLevel("log-level", given.get("log-level")?.[0] ?? "warning"),
    limits: resourceLimits(given),
  };
}

function readEtcd(given: GivenFlags): EtcdProviderOptions | undefined {
  const reached = etcdOptions(given);
  if (reached === undefined) {
    const other = ETCD_LIMITS.find((name) => given.has(name));
    if (other !== undefined) throw new UsageError(`--${other}: expected --etcd beside it`);
    return undefined;
  }
  const [valueBytesMax, keysMax, leaseSeconds] = ETCD_LIMITS.map((name) => {
    if (!given.has(name)) return undefined;
    const count = readCount(given, name, 1);
    if (count === 0) throw new UsageError(`--${name}: expected a number from 1 on, got 0`);
    return count;
  });
  return {
    ...reached,
    ...(valueBytesMax === undefined ? {} : { valueBytesMax }),
    ...(keysMax === undefined ? {} : { keysMax }),
    ...(leaseSeconds === undefined ? {} : { leaseSeconds }),
  };
}

function readAdmin(text: string | undefined): RunOptions["admin"] {
  if (text === "none") return undefined;
  const isGiven = text !== undefined;
  const found = /^(?:\[(?<ipv6>[^\]]+)\]|(?<name>[^:]+)):(?<port>\d{1,5})$/.exec(
    text ?? DEFAULT_HOST_PORT,
  )?.groups;
  const host = found?.["ipv6"] ?? found?.["name"];
  const port = Number(found?.["port"]);
  if (host === undefined || port > 65_535)
    throw new UsageError(
      `--admin: expected HOST:PORT, such as 127.0.0.1:19000, or none; got "${text}"`,
    );
  return { address: { host, port }, isGiven };
}

function readConcurrency(given: GivenFlags): number {
  const count = readCount(given, "concurrency", 1);
  if (count === 0) throw new UsageError("--concurrency: expected a number from 1 on, got 0");
  return count;
}

function readPort(given: GivenFlags, name: string, otherwise: number): number {
  const port = readCount(given, name, otherwise);
  if (port > 65_535)
    throw new UsageError(`--${name}: expected a port from 0 to 65535, got "${port}"`);
  return port;
}
