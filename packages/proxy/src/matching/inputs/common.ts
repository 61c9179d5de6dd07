import type { MatchInputWorkerSide } from "../extension.ts";

/** Worker sides of the inputs that need no data. */
export const commonInputs: readonly MatchInputWorkerSide<unknown>[] = [
  {
    configType: "envoy.extensions.matching.common_inputs.environment_variable.v3.Config",
    build: (value: string | null) => () => value,
  },
];
