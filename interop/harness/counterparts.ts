import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { REPOSITORY } from "./repository.ts";

/** Programs that Nuncio is compared with or measured by. */
export type Counterpart =
  | "envoy"
  | "nginx"
  | "haproxy"
  | "wrk"
  | "h2load"
  | "taskset"
  | "python"
  | "curl"
  | "openssl"
  | "chromium"
  | "etcd"
  | "etcdctl"
  | "zsh"
  | "fish"
  | GoProgram;

/** Programs that `interop/install.sh` builds. */
type GoProgram =
  | "h2spec"
  | "connectconformance"
  | "referenceserver"
  | "grpc-peer"
  | "bench-peer"
  | "control-plane-driver"
  | "gateway-translator";

/** Where `interop/install.sh` puts the Python packages, the Go programs, and the packages of npm. */
const VENV = join(REPOSITORY, ".interop", "venv");
const BIN = join(REPOSITORY, ".interop", "bin");
const NODE = join(REPOSITORY, ".interop", "node");

const found = new Map<Counterpart, string | null>();

/** The path of a counterpart's executable, or null when this machine does not have it. */
export function findCounterpart(name: Counterpart): string | null {
  let path = found.get(name);
  if (path === undefined) {
    path = find(name);
    found.set(name, path);
  }
  return path;
}

function find(name: Counterpart): string | null {
  switch (name) {
    case "envoy":
      return findEnvoy();
    case "python":
      return findPython();
    case "h2spec":
    case "connectconformance":
    case "referenceserver":
    case "grpc-peer":
    case "bench-peer":
    case "control-plane-driver":
    case "gateway-translator": {
      const path = join(BIN, name);
      return isExecutable(path) ? path : null;
    }
    default:
      return findOnPath(name);
  }
}

/** Loads a package that `interop/install.sh` got from npm; null when it is not there. */
export function loadPackage(name: string): unknown {
  return hasPackage(name) ? createRequire(import.meta.url)(packageFolder(name)) : null;
}

/** Whether `interop/install.sh` got a package from npm. */
export function hasPackage(name: string): boolean {
  return existsSync(packageFolder(name));
}

/** The bootstraps that come with go-control-plane's test driver; null when they are not there. */
export function controlPlaneBootstraps(): string | null {
  const folder = join(BIN, "control-plane-bootstraps");
  return existsSync(folder) ? folder : null;
}

function packageFolder(name: string): string {
  return join(NODE, "node_modules", name);
}

/** What a counterpart says about its version, in one line; null when it is absent or says nothing. */
export function counterpartVersion(name: Counterpart): string | null {
  const path = findCounterpart(name);
  if (path === null) return null;
  const flag = name === "nginx" || name === "haproxy" || name === "wrk" ? "-v" : "--version";
  // wrk exits with 1 after its version, nginx prints it on stderr.
  const text = captureAll(path, [flag]);
  // Envoy says its path first, in which Python's version stands, and the commit before the version.
  const said = text.replace(path, "").replace(/[0-9a-f]{40}\//, "");
  return /\d+(?:\.\d+)+(?:-\d+)?/.exec(said)?.[0] ?? null;
}

/** The Python of the project's own environment when there is one, else the first `python3` on the PATH. */
function findPython(): string | null {
  const own = join(VENV, "bin", "python3");
  return existsSync(own) ? own : findOnPath("python3");
}

/**
 * Envoy's own binary. The Python package puts a launcher on the PATH, which would hide Envoy's process id,
 * so the package is asked first.
 */
function findEnvoy(): string | null {
  const python = findPython();
  if (python !== null) {
    const script =
      "import envoy, os; print(os.path.join(os.path.dirname(envoy.__file__), '_bin', 'envoy'))";
    const path = captureAll(python, ["-c", script]).trim();
    if (isExecutable(path)) return path;
  }
  const onPath = findOnPath("envoy");
  return onPath !== null && isElf(onPath) ? onPath : null;
}

function findOnPath(name: string): string | null {
  // nginx and haproxy live in /usr/sbin, which ordinary users' PATH may lack.
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
  ];
  for (const folder of folders) {
    const path = join(folder, name);
    if (folder !== "" && isExecutable(path)) return path;
  }
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return path.startsWith("/");
  } catch {
    return false;
  }
}

function isElf(path: string): boolean {
  return readFileSync(path).subarray(0, 4).toString("latin1") === "\x7fELF";
}

function captureAll(path: string, args: readonly string[]): string {
  try {
    return execFileSync("/bin/sh", ["-c", '"$0" "$@" 2>&1 || true', path, ...args], {
      encoding: "latin1",
      timeout: 20_000,
    });
  } catch {
    return "";
  }
}
