import { Hash64 } from "../../base/hash64.ts";
import { xxHash64 } from "../../base/xx-hash64.ts";
import type { InputMatcherWorkerSide } from "../extension.ts";
import type { HashMatcherConfig } from "./hash-config.ts";

const MATCHERS = "envoy.extensions.matching.input_matchers";

function side(configType: string): InputMatcherWorkerSide<HashMatcherConfig> {
  return {
    configType,
    build: ({ seed, modulo, from, to }) => {
      const seedHigh = Number(BigInt.asIntN(32, seed >> 32n));
      const seedLow = Number(BigInt.asIntN(32, seed));
      const hash = new Hash64();
      return (value) => {
        if (value === null) return false;
        hash.set(seedHigh, seedLow);
        xxHash64(value as string, hash);
        const rest = hash.modulo(modulo);
        return rest >= from && rest < to;
      };
    },
  };
}

/** `ConsistentHashing`, worker side. */
export const consistentHashingWorkerSide: InputMatcherWorkerSide<HashMatcherConfig> = side(
  `${MATCHERS}.consistent_hashing.v3.ConsistentHashing`,
);

/** `RuntimeFraction`, worker side. */
export const runtimeFractionWorkerSide: InputMatcherWorkerSide<HashMatcherConfig> = side(
  `${MATCHERS}.runtime_fraction.v3.RuntimeFraction`,
);
