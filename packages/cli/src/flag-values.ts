import type { GivenFlags } from "./flags.ts";
import { UsageError } from "./usage-error.ts";

const UINT32_MAX = 4_294_967_295;

/** Which of these values a flag was given. @throws UsageError for any other */
export function readChoice<T extends string>(
  given: GivenFlags,
  name: string,
  allowed: readonly T[],
  otherwise: T,
): T {
  const text = given.get(name)?.[0];
  if (text === undefined) return otherwise;
  const value = allowed.find((candidate) => candidate === text);
  if (value === undefined)
    throw new UsageError(`--${name}: expected ${allowed.join(", ")}; got "${text}"`);
  return value;
}

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
