import type { ConsistentHashing } from "@nuncio/api/types/envoy/extensions/matching/input_matchers/consistent_hashing/v3/consistent_hashing_pb";
import type { RuntimeFraction } from "@nuncio/api/types/envoy/extensions/matching/input_matchers/runtime_fraction/v3/runtime_fraction_pb";
import type { InputMatcherConfigSide } from "../extension.ts";

const MATCHERS = "envoy.extensions.matching.input_matchers";
const CONSISTENT_HASHING = `${MATCHERS}.consistent_hashing.v3.ConsistentHashing`;
const RUNTIME_FRACTION = `${MATCHERS}.runtime_fraction.v3.RuntimeFraction`;

/** By `envoy.type.v3.FractionalPercent.DenominatorType`. */
const DENOMINATORS = [100, 10_000, 1_000_000];

/** A text matches when its hash, modulo `modulo`, is in the range: from `from` to below `to`. */
export interface HashMatcherConfig {
  readonly seed: bigint;
  readonly modulo: number;
  readonly from: number;
  readonly to: number;
}

/** `ConsistentHashing`, main side: the hash is at the threshold or above. */
export const consistentHashingConfigSide: InputMatcherConfigSide<
  ConsistentHashing,
  HashMatcherConfig
> = {
  configType: CONSISTENT_HASHING,
  takes: ["string"],
  implemented: { [CONSISTENT_HASHING]: "all" },
  compile: (message, ctx) => {
    const { threshold, modulo, seed } = message;
    if (threshold > modulo) {
      const text = `threshold cannot be greater than modulo: ${threshold} > ${modulo}`;
      ctx.problems.error(message, "threshold", text);
    }
    return { seed, modulo, from: threshold, to: modulo };
  },
};

/** `RuntimeFraction`, main side: the hash is below the numerator. No layer of runtime can change the default yet. */
export const runtimeFractionConfigSide: InputMatcherConfigSide<RuntimeFraction, HashMatcherConfig> =
  {
    configType: RUNTIME_FRACTION,
    takes: ["string"],
    implemented: {
      [RUNTIME_FRACTION]: "all",
      "envoy.config.core.v3.RuntimeFractionalPercent": "all",
      "envoy.type.v3.FractionalPercent": "all",
    },
    compile: ({ runtimeFraction, seed }) => {
      const fraction = runtimeFraction?.defaultValue;
      const modulo = DENOMINATORS[fraction?.denominator ?? 0]!;
      return { seed, modulo, from: 0, to: fraction?.numerator ?? 0 };
    },
  };
