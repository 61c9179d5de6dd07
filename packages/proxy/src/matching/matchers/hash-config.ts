import type { ConsistentHashing } from "@nuncio/api/types/envoy/extensions/matching/input_matchers/consistent_hashing/v3/consistent_hashing_pb";
import type { RuntimeFraction } from "@nuncio/api/types/envoy/extensions/matching/input_matchers/runtime_fraction/v3/runtime_fraction_pb";
import { compileRuntimeFraction } from "../../runtime/compile-values.ts";
import type { FractionConfig } from "../../runtime/model.ts";
import type { InputMatcherConfigSide } from "../extension.ts";

const MATCHERS = "envoy.extensions.matching.input_matchers";
const CONSISTENT_HASHING = `${MATCHERS}.consistent_hashing.v3.ConsistentHashing`;
const RUNTIME_FRACTION = `${MATCHERS}.runtime_fraction.v3.RuntimeFraction`;

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

/** A text matches when its hash, modulo the denominator of the share, is below its numerator. */
export interface HashFractionConfig {
  readonly seed: bigint;
  readonly fraction: FractionConfig;
}

/** `RuntimeFraction`, main side. */
export const runtimeFractionConfigSide: InputMatcherConfigSide<
  RuntimeFraction,
  HashFractionConfig
> = {
  configType: RUNTIME_FRACTION,
  takes: ["string"],
  implemented: {
    [RUNTIME_FRACTION]: "all",
    "envoy.config.core.v3.RuntimeFractionalPercent": "all",
    "envoy.type.v3.FractionalPercent": "all",
  },
  // validate.rules ask for a fraction.
  compile: ({ runtimeFraction, seed }) => ({
    seed,
    fraction: compileRuntimeFraction(runtimeFraction!),
  }),
};
