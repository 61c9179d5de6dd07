import type { Config } from "@nuncio/api/types/envoy/extensions/matching/common_inputs/environment_variable/v3/input_pb";
import { toByteString } from "../../observe/format/byte-string.ts";
import type { MatchInputConfigSide } from "../extension.ts";

const ENVIRONMENT_VARIABLE =
  "envoy.extensions.matching.common_inputs.environment_variable.v3.Config";

/**
 * An environment variable, main side: read once, here. Null when it is not set. (Envoy 1.40 gives a broken value to the first
 * input of a tree; here it is the variable's.)
 */
export const environmentVariableConfigSide: MatchInputConfigSide<Config, string | null> = {
  configType: ENVIRONMENT_VARIABLE,
  valueKind: "string",
  implemented: { [ENVIRONMENT_VARIABLE]: "all" },
  compile: ({ name }) => {
    const value = process.env[name];
    return value === undefined ? null : toByteString(value);
  },
};
