import { join } from "node:path";
import { runToEnd } from "../../interop/harness/child-process.ts";
import { onLoadCore, type Places } from "../places.ts";
import type { LoadResult } from "./load.ts";

/** Datagrams that a host behind the proxy sends back; an echo counts as a request. */
export interface UdpLoad {
  readonly tool: "udp";
  readonly clients: number;
  /** Of each client, at the same time. */
  readonly inFlight: number;
  readonly bytes: number;
}

/** Of what was sent so much may be lost: it is UDP, and the socket of a slow reader overflows. */
const LOST_SHARE_MAX = 0.01;

/** Runs our own load program. Throws when too much was lost. */
export async function runUdp(
  { clients, inFlight, bytes }: UdpLoad,
  { proxyPort, backendPort }: Places,
  seconds: number,
): Promise<LoadResult> {
  const { code, output } = await runToEnd(
    [
      ...onLoadCore(),
      process.execPath,
      join(import.meta.dirname, "udp-echo.ts"),
      ...[proxyPort, backendPort, seconds, clients, inFlight, bytes].map(String),
    ],
    (seconds + 30) * 1000,
  );
  if (code !== 0) throw new Error(`udp-echo ended with ${code}: ${output.slice(-400)}`);
  const sums = JSON.parse(output) as { echoes: number; lost: number; seconds: number };
  if (sums.echoes === 0 || sums.lost > LOST_SHARE_MAX * sums.echoes)
    throw new Error(`${sums.lost} datagrams were lost, and ${sums.echoes} came back`);
  return { requests: sums.echoes, seconds: sums.seconds };
}
