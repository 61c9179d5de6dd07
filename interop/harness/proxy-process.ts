import { join } from "node:path";
import { ask } from "./ask.ts";
import { startProcess, type StartedProcess } from "./child-process.ts";
import { findCounterpart } from "./counterparts.ts";
import { NUNCIO, REPOSITORY } from "./repository.ts";

/** A proxy that takes Envoy's flags. `bundle` is Nuncio as `npm run build` makes it. `toy` is wrong on purpose: it proves that the harness reports differences. */
export type ProxyKind = "envoy" | "nuncio" | "bundle" | "toy";

const READY_WITHIN_MS = 20_000;
const POLL_MS = 20;

/** A proxy that serves. */
export interface RunningProxy {
  readonly kind: ProxyKind;
  readonly process: StartedProcess;
  readonly adminPort: number;
  /** GET on the admin listener; rejects when it does not answer. */
  admin(path: string): Promise<string>;
  stop(): Promise<void>;
}

/** The command line of a proxy, up to its flags. Throws when the proxy is not installed. */
export function proxyCommand(kind: ProxyKind): string[] {
  switch (kind) {
    case "envoy": {
      const envoy = findCounterpart("envoy");
      if (envoy === null) throw new Error("envoy is not installed; interop/install.sh installs it");
      return [envoy];
    }
    case "nuncio":
      return [process.execPath, NUNCIO, "proxy"];
    case "bundle":
      return [process.execPath, join(REPOSITORY, "dist", "nuncio.mjs"), "proxy"];
    case "toy":
      return [process.execPath, join(REPOSITORY, "interop", "diff", "toy-proxy.ts")];
  }
}

/**
 * Starts a proxy with a configuration file and waits until `/ready` says LIVE.
 * Throws with the end of its output when it exits or is not ready in time; nothing is left running then.
 */
export async function startProxy(
  kind: ProxyKind,
  configFile: string,
  adminPort: number,
  flags: readonly string[] = [],
  prefix: readonly string[] = [],
): Promise<RunningProxy> {
  const concurrency = flags.includes("--concurrency") ? [] : ["--concurrency", "1"];
  const baseFlags = ["-c", configFile, ...concurrency, "-l", "off", "--use-dynamic-base-id"];
  const started = startProcess([...prefix, ...proxyCommand(kind), ...baseFlags, ...flags]);
  const proxy: RunningProxy = {
    kind,
    process: started,
    adminPort,
    admin: async (path) => (await ask(adminPort, path)).body,
    stop: () => started.stop(),
  };
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!started.hasExited() && performance.now() < deadline) {
    if (await isReady(adminPort)) return proxy;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const why = started.hasExited() ? `exited with ${await started.exited}` : "was not ready in time";
  await started.stop();
  throw new Error(`${kind} ${why}\n${started.output().trim()}`);
}

/** Whether the proxy behind an admin port says that it serves. */
export async function isReady(adminPort: number): Promise<boolean> {
  try {
    return (await ask(adminPort, "/ready")).body.startsWith("LIVE");
  } catch {
    return false;
  }
}
