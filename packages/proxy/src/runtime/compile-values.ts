import type {
  RuntimeDouble,
  RuntimeFeatureFlag,
  RuntimeFractionalPercent,
  RuntimeUInt32,
} from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { FractionalPercent } from "@nuncio/api/types/envoy/type/v3/percent_pb";
import type { FlagConfig, FractionConfig, NumberConfig } from "./model.ts";

/** By `envoy.type.v3.FractionalPercent.DenominatorType`. */
const DENOMINATORS = [100, 10_000, 1_000_000];

/** `FractionalPercent`, perhaps with a key of the runtime; nothing is 0 of 100. */
export function compileFractionalPercent(
  message: FractionalPercent | undefined,
  key = "",
): FractionConfig {
  return {
    numerator: message?.numerator ?? 0,
    denominator: DENOMINATORS[message?.denominator ?? 0]!,
    ...keyed(key),
  };
}

/** `RuntimeFractionalPercent`. */
export function compileRuntimeFraction(message: RuntimeFractionalPercent): FractionConfig {
  return compileFractionalPercent(message.defaultValue, message.runtimeKey);
}

/** `RuntimeUInt32` and `RuntimeDouble`. */
export function compileRuntimeNumber(message: RuntimeUInt32 | RuntimeDouble): NumberConfig {
  return { value: message.defaultValue, ...keyed(message.runtimeKey) };
}

/** `RuntimeFeatureFlag`; what is not set is enabled. */
export function compileRuntimeFlag(message: RuntimeFeatureFlag | undefined): FlagConfig {
  return { enabled: message?.defaultValue ?? true, ...keyed(message?.runtimeKey ?? "") };
}

function keyed(key: string): { readonly key?: string } {
  return key === "" ? {} : { key };
}
