import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startProcess } from "../interop/harness/child-process.ts";
import { findCounterpart } from "../interop/harness/counterparts.ts";
import { startProxy } from "../interop/harness/proxy-process.ts";
import { untilListening } from "./backend.ts";
import { writeEnvoyConfig, type Shape } from "./envoy-config.ts";
import { nginxProxy } from "./nginx-proxy.ts";
import { nginxCommand } from "./nginx.ts";
import { onProxyCore, type Places } from "./places.ts";

/** What is measured. nginx and HAProxy stand beside for orientation, where they can do the same job. */
export type Contender = "nuncio" | "envoy" | "nginx" | "haproxy";
export const CONTENDERS: readonly Contender[] = ["nuncio", "envoy", "nginx", "haproxy"];

/** A contender that serves, on a core of its own. */
export interface Serving {
  /** Process group of the contender. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Whether this machine has it. */
export function isPresent(contender: Contender): boolean {
  return contender === "nuncio" || findCounterpart(contender) !== null;
}

/** Starts a contender; null when it has no equivalent of this shape. Throws when it does not start. */
export async function startContender(
  contender: Contender,
  shape: Shape,
  places: Places,
): Promise<Serving | null> {
  if (contender === "nuncio" || contender === "envoy") {
    // What is shipped is what is measured: the bundle, not the sources.
    const kind = contender === "nuncio" ? "bundle" : contender;
    const proxy = await startProxy(
      kind,
      writeEnvoyConfig(shape, places),
      places.adminPort,
      [],
      onProxyCore(),
    );
    return { pid: proxy.process.pid, stop: () => proxy.stop() };
  }
  const command = contender === "nginx" ? nginx(shape, places) : haproxy(shape, places);
  if (command === null) return null;
  const started = startProcess([...onProxyCore(), ...command]);
  try {
    await untilListening(places.proxyPort, started);
  } catch (error) {
    await started.stop();
    throw error;
  }
  return { pid: started.pid, stop: () => started.stop() };
}

function nginx(shape: Shape, places: Places): string[] | null {
  const http = nginxProxy(shape, places);
  return http === null ? null : nginxCommand(join(places.folder, "nginx"), http);
}

/** It stands beside in the plainest rows only. */
function haproxy(shape: Shape, places: Places): string[] | null {
  if (Object.keys(shape).length > 0) return null;
  const file = join(places.folder, "haproxy.cfg");
  writeFileSync(
    file,
    `
global
  nbthread 1
  maxconn 4000
defaults
  mode http
  timeout connect 5s
  timeout client 3600s
  timeout server 3600s
  http-reuse always
frontend front
  bind 127.0.0.1:${places.proxyPort} backlog 4096
  default_backend back
backend back
  server one 127.0.0.1:${places.backendPort}
`,
  );
  return [findCounterpart("haproxy")!, "-db", "-f", file];
}
