import { Hash64 } from "../../base/hash64.ts";
import { xxHash64 } from "../../base/xx-hash64.ts";
import type { Host } from "../host.ts";
import type { LoadBalancerContext } from "../load-balancer.ts";
import type { MaglevConfig, RingHashConfig } from "../model.ts";

const COMMON = {
  useHostname: false,
  balanceFactorPercent: 0,
  tableScope: { base: 1000, histogramBase: 0, prefix: "cluster.c.table." },
};

/** A ring with Envoy's defaults. */
export const RING_HASH: RingHashConfig = {
  ...COMMON,
  algorithm: "ring_hash",
  hashFunction: "xx_hash",
  minimumSize: 1024,
  maximumSize: 8_388_608,
};

/** A Maglev table with Envoy's defaults. */
export const MAGLEV: MaglevConfig = { ...COMMON, algorithm: "maglev", tableSize: 65_537 };

/** The hash of a text. */
export function hashOf(key: string): Hash64 {
  const hash = new Hash64();
  xxHash64(key, hash);
  return hash;
}

/** A pick for a request that is hashed by a text. */
export function keyed(
  key: string,
  parts: Partial<
    Pick<LoadBalancerContext, "hostSelectionRetryCount" | "shouldSelectAnotherHost">
  > = {},
): LoadBalancerContext {
  return {
    hostSelectionRetryCount: 0,
    shouldSelectAnotherHost: (_host: Host) => false,
    computeHash(hash) {
      hash.copy(hashOf(key));
      return true;
    },
    ...parts,
  };
}
