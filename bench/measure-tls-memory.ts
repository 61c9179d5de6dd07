import { startContender, type Contender } from "./contenders.ts";
import { settledMib, withIdleConnections } from "./measure-memory.ts";
import type { Places } from "./places.ts";

/** The first ones bring what every load brings once: compiled code, a grown heap, connections to the backend. */
const FIRST = 1_000;
const FURTHER = 2_000;
const PER = 1_000;

/** Key exchange groups that clients offer. Who does not know the first one of the second list takes the other. */
const GROUPS = "X25519";
const POST_QUANTUM_GROUPS = "X25519MLKEM768:X25519";

/** Resident memory in MiB. Each connection is idle after one request. */
export interface TlsMemorySample {
  readonly idle: number;
  /** What the first 1,000 TLS connections add. */
  readonly first: number;
  /** What 1,000 further ones add. */
  readonly perThousand: number;
  /** The same with clients that offer post-quantum key exchange. */
  readonly perThousandPostQuantum: number;
}

/** Measures a contender that terminates TLS before and with idle connections. */
export async function measureTlsMemory(
  contender: Contender,
  places: Places,
): Promise<TlsMemorySample | null> {
  const plain = await measureGrowth(contender, places, GROUPS);
  const postQuantum = await measureGrowth(contender, places, POST_QUANTUM_GROUPS);
  if (plain === null || postQuantum === null) return null;
  return { ...plain, perThousandPostQuantum: postQuantum.perThousand };
}

async function measureGrowth(
  contender: Contender,
  places: Places,
  tlsGroups: string,
): Promise<Omit<TlsMemorySample, "perThousandPostQuantum"> | null> {
  const serving = await startContender(contender, { tls: "ecdsa" }, places);
  if (serving === null) return null;
  const settled = (): Promise<number> => settledMib(serving.pid);
  try {
    const idle = await settled();
    return await withIdleConnections(places, { count: FIRST, tlsGroups }, async () => {
      const some = await settled();
      const many = await withIdleConnections(places, { count: FURTHER, tlsGroups }, settled);
      return { idle, first: some - idle, perThousand: ((many - some) * PER) / FURTHER };
    });
  } finally {
    await serving.stop();
  }
}
