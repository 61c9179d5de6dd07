import { xxHash64 } from "../../base/xx-hash64.ts";
import type { InputMatcherWorkerSide } from "../extension.ts";
import type { HashMatcherConfig } from "./hash-config.ts";

const MATCHERS = "envoy.extensions.matching.input_matchers";

function side(configType: string): InputMatcherWorkerSide<HashMatcherConfig> {
  return {
    configType,
    build:
      ({ seed, modulo, from, to }) =>
      (value) => {
        if (value === null) return false;
        const hash = xxHash64(value as string, seed) % modulo;
        return hash >= from && hash < to;
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
