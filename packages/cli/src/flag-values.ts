import type { GivenFlags } from "./flags.ts";
import { UsageError } from "./usage-error.ts";

const UINT32_MAX = 4_294_967_295;

/** The number that a flag was given. @throws UsageError for anything but an unsigned number of 32 bits */
export function readCount(given: GivenFlags, name: string, otherwise: number): number {
  const text = given.get(name)?.[0];
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > UINT32_MAX) {
    throw new UsageError(`--${name}: expected a number from 0 to ${UINT32_MAX}, got "${text}"`);
  }
  return value;
}
