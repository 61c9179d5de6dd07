import { collectGarbage } from "../base/collect-garbage.ts";

/**
 * Gives back what loading the configuration needed: descriptors, syntax trees, a young generation grown for them. Main
 * has nothing of this size to do afterwards, and without a push V8 keeps the memory until it next has to collect.
 */
export function shrinkHeap(): void {
  collectGarbage();
}
