import type { Config } from "@nuncio/api/types/envoy/extensions/matching/common_inputs/environment_variable/v3/input_pb";
import { toByteString } from "../../observe/format/byte-string.ts";
import type { MatchInputConfigSide, MatchInputs } from "../extension.ts";

const ENVIRONMENT_VARIABLE =
  "envoy.extensions.matching.common_inputs.environment_variable.v3.Config";

/** Read once, on main: a process does not change its environment. Null when it is not set. */
const environmentVariable: MatchInputConfigSide<Config, string | null> = {
  configType: ENVIRONMENT_VARIABLE,
  valueKind: "string",
  implemented: { [ENVIRONMENT_VARIABLE]: "all" },
  compile: ({ name }) => {
    const value = process.env[name];
    return value === undefined ? null : toByteString(value);
  },
};

/** Inputs that need no data, main side; every kind of matcher has them. */
export const commonInputConfigSides: MatchInputs = new Map([
  [ENVIRONMENT_VARIABLE, environmentVariable],
]);
