import type { InputMatcherConfigSide } from "../extension.ts";
import { consistentHashingConfigSide, runtimeFractionConfigSide } from "./hash-config.ts";
import { ipMatcherConfigSide } from "./ip-config.ts";
import { metadataMatcherConfigSide } from "./metadata-config.ts";

const SIDES: readonly InputMatcherConfigSide[] = [
  ipMatcherConfigSide,
  metadataMatcherConfigSide,
  consistentHashingConfigSide,
  runtimeFractionConfigSide,
];

/** Input matchers, main side, by message type (`envoy.matching.input_matchers`). */
export const inputMatcherConfigSides: ReadonlyMap<string, InputMatcherConfigSide> = new Map(
  SIDES.map((side) => [side.configType, side]),
);
