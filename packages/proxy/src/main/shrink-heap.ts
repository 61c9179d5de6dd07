import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Gives back what loading the configuration needed: descriptors, syntax trees, a young generation grown for them. Main
 * has nothing of this size to do afterwards, and without a push V8 keeps the memory until it next has to collect.
 */
export function shrinkHeap(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options: {
    type: string;
    execution: string;
    flavor: string;
  }) => void;
  setFlagsFromString("--no-expose-gc");
  collect({ type: "major", execution: "sync", flavor: "last-resort" });
}
