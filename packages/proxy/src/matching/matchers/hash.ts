import { Hash64 } from "../../base/hash64.ts";
import { xxHash64 } from "../../base/xx-hash64.ts";
import { RuntimeFraction } from "../../runtime/values.ts";
import type { InputMatcherWorkerSide, InputValue } from "../extension.ts";
import type { HashFractionConfig, HashMatcherConfig } from "./hash-config.ts";

const MATCHERS = "envoy.extensions.matching.input_matchers";

/** `ConsistentHashing`, worker side. */
export const consistentHashingWorkerSide: InputMatcherWorkerSide<HashMatcherConfig> = {
  configType: `${MATCHERS}.consistent_hashing.v3.ConsistentHashing`,
  build: ({ seed, modulo, from, to }) => {
    const remainder = seededRemainder(seed);
    return (value) => {
      if (value === null) return false;
      const rest = remainder(value, modulo);
      return rest >= from && rest < to;
    };
  },
};

/** `RuntimeFraction`, worker side. */
export const runtimeFractionWorkerSide: InputMatcherWorkerSide<HashFractionConfig> = {
  configType: `${MATCHERS}.runtime_fraction.v3.RuntimeFraction`,
  build: (config, worker) => {
    const fraction = new RuntimeFraction(config.fraction, worker.runtime);
    const remainder = seededRemainder(config.seed);
    return (value) => {
      if (value === null) return false;
      const { numerator, denominator } = fraction.now;
      return remainder(value, denominator) < numerator;
    };
  },
};

/** The hash of a text, modulo a number. */
function seededRemainder(seed: bigint): (value: InputValue, modulo: number) => number {
  const seedHigh = Number(BigInt.asIntN(32, seed >> 32n));
  const seedLow = Number(BigInt.asIntN(32, seed));
  const hash = new Hash64();
  return (value, modulo) => {
    hash.set(seedHigh, seedLow);
    xxHash64(value as string, hash);
    return hash.modulo(modulo);
  };
}
