import type { FractionConfig } from "./model.ts";
import type { Runtime } from "./snapshot.ts";

// What is decided when it is compiled, and not again. A share between none and all is a share of the things that are
// compiled, as in Envoy.

/** Whether something is enabled that is not by default: by a percentage, as a whole number. */
export function isEnabledOnce(key: string, runtime: Runtime): boolean {
  return Math.random() * 100 < runtime.integer(key, 0);
}

/** The same by a share. */
export function isDrawnOnce(key: string, otherwise: FractionConfig, runtime: Runtime): boolean {
  const { numerator, denominator } = runtime.fraction(key, otherwise);
  return Math.random() * denominator < numerator;
}
