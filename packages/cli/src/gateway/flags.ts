import { readCount } from "../flag-values.ts";
import type { Flag, GivenFlags } from "../flags.ts";
import { UsageError } from "../usage-error.ts";

export const RUN_FLAGS: readonly Flag[] = [
  {
    name: "resources",
    short: "r",
    value: "PATH",
    repeatable: true,
    help: "files or folders with resources of Gateway API, which are followed; without it an example runs",
  },
  {
    name: "data-plane",
    value: "NAME",
    help: "what serves, nuncio or envoy; default: nuncio",
  },
  {
    name: "infrastructure",
    value: "WHERE",
    help: "embedded: one proxy in this process; host: a process for each Gateway; default: embedded, or host for envoy",
  },
  { name: "envoy-path", value: "FILE", help: "the Envoy to run; default: envoy" },
  { name: "xds-port", value: "PORT", help: "of xDS on 127.0.0.1; default: any free one" },
  {
    name: "admin-port",
    value: "PORT",
    help: "admin interface of the embedded proxy; default: 9901",
  },
  { name: "concurrency", value: "N", help: "worker threads of each data plane; default: 1" },
  { name: "log-level", short: "l", value: "LEVEL", help: "log of data planes; default: warning" },
  { name: "help", short: "h", help: "print this and exit" },
];

/** What `nuncio gateway run` was asked for. */
export interface RunOptions {
  readonly resources: readonly string[];
  readonly dataPlane: "nuncio" | "envoy";
  readonly infrastructure: "embedded" | "host";
  readonly envoyPath: string;
  readonly xdsPort: number;
  readonly adminPort: number;
  readonly concurrency: number;
  readonly logLevel: string;
}

/** @throws UsageError */
export function runOptions(given: GivenFlags): RunOptions {
  const dataPlane = oneOf(given, "data-plane", ["nuncio", "envoy"]) ?? "nuncio";
  const infrastructure =
    oneOf(given, "infrastructure", ["embedded", "host"]) ??
    (dataPlane === "envoy" ? "host" : "embedded");
  if (dataPlane === "envoy" && infrastructure === "embedded")
    throw new UsageError(
      "--infrastructure: expected host with --data-plane envoy, got embedded: only nuncio runs in this process",
    );
  return {
    resources: given.get("resources") ?? [],
    dataPlane,
    infrastructure,
    envoyPath: given.get("envoy-path")?.[0] ?? "envoy",
    xdsPort: readPort(given, "xds-port", 0),
    adminPort: readPort(given, "admin-port", 9901),
    concurrency: Math.max(1, readCount(given, "concurrency", 1)),
    logLevel: given.get("log-level")?.[0] ?? "warning",
  };
}

function readPort(given: GivenFlags, name: string, otherwise: number): number {
  const port = readCount(given, name, otherwise);
  if (port > 65_535)
    throw new UsageError(`--${name}: expected a port from 0 to 65535, got "${port}"`);
  return port;
}

function oneOf<T extends string>(
  given: GivenFlags,
  name: string,
  allowed: readonly T[],
): T | undefined {
  const text = given.get(name)?.[0];
  if (text === undefined) return undefined;
  const value = allowed.find((candidate) => candidate === text);
  if (value === undefined)
    throw new UsageError(`--${name}: expected ${allowed.join(" or ")}, got "${text}"`);
  return value;
}
