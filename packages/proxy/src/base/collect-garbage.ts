import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (options: { type: string; execution: string; flavor: string }) => void;

let collect: Collect | undefined;

/**
 * Looks for all garbage of this thread, now, and gives the memory back to the system. Takes some milliseconds for each
 * ten megabytes that are in use: for moments in which memory is worth more than time.
 */
export function collectGarbage(): void {
  collect ??= collector();
  collect({ type: "major", execution: "sync", flavor: "last-resort" });
}

function collector(): Collect {
  setFlagsFromString("--expose-gc");
  const found = runInNewContext("gc") as Collect;
  setFlagsFromString("--no-expose-gc");
  return found;
}
