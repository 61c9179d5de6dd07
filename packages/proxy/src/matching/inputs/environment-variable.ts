import type { MatchInputWorkerSide } from "../extension.ts";

/** The value of an environment variable, worker side: it was read on main. Every kind of matcher has it. */
export const environmentVariableInput: MatchInputWorkerSide<unknown, string | null> = {
  configType: "envoy.extensions.matching.common_inputs.environment_variable.v3.Config",
  build: (value) => () => value,
};
