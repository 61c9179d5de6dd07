import { setImmediate as turn } from "node:timers/promises";

/** Resolves when something is true, which messages that are under way will make it. The test's own limit ends it. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await turn();
}
