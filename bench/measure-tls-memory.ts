import { startContender, type Contender } from "./contenders.ts";
import { settledMib, withIdleConnections } from "./measure-memory.ts";
import type { Places } from "./places.ts";

const CONNECTIONS = 4_000;

/** Resident memory in MiB. */
export interface TlsMemorySample {
  readonly idle: number;
  /** What 1,000 idle TLS connections add, each after one request. */
  readonly perThousand: number;
}

/** Measures a contender that terminates TLS before and with idle connections. */
export async function measureTlsMemory(
  contender: Contender,
  places: Places,
): Promise<TlsMemorySample | null> {
  const serving = await startContender(contender, { tls: "ecdsa" }, places);
  if (serving === null) return null;
  try {
    const idle = await settledMib(serving.pid);
    const hold = { count: CONNECTIONS, tls: true };
    const held = await withIdleConnections(places, hold, () => settledMib(serving.pid));
    return { idle, perThousand: ((held - idle) * 1000) / CONNECTIONS };
  } finally {
    await serving.stop();
  }
}
