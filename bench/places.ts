import { availableParallelism } from "node:os";
import type { Certificate } from "../interop/harness/certificate.ts";
import { findCounterpart } from "../interop/harness/counterparts.ts";

/** Ports and folder of one run; all proxies use the same, one after the other. */
export interface Places {
  readonly folder: string;
  readonly proxyPort: number;
  readonly adminPort: number;
  readonly backendPort: number;
  /** Another backend, whose answers differ. */
  readonly otherBackendPort: number;
  /** A gRPC server: HTTP/2 without TLS. */
  readonly grpcPort: number;
  /** An echo over WebSockets. */
  readonly webSocketPort: number;
  /** Where a control plane serves xDS, and where it is told what to do. */
  readonly xdsPort: number;
  readonly controlPort: number;
  /** Made for this run. */
  readonly certificates: { readonly ecdsa: Certificate; readonly rsa: Certificate };
}

/** Command prefix that keeps the proxy on a core of its own; empty where there is only one core, or no taskset. */
export function onProxyCore(): string[] {
  return onCore(0);
}

/** Command prefix for backend and load, which share the other core. */
export function onLoadCore(): string[] {
  return onCore(1);
}

function onCore(core: number): string[] {
  const taskset = findCounterpart("taskset");
  return taskset === null || availableParallelism() < 2 ? [] : [taskset, "-c", String(core)];
}
