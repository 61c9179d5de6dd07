import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { turns } from "../../testing/turns.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes that are reachable, on the heap and in buffers outside of it. */
export async function heldBytes(): Promise<number> {
  // Memory of buffers is given back behind the collection that found them unused.
  collectGarbage();
  await turns(1);
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
