import type { HeaderMap } from "@nuncio/codec";
import { parseUnsigned } from "../route/matchers/integer.ts";
import type { RateLimitedBackOffConfig, ResetHeaderConfig } from "./model.ts";

/** Without one of its own the longest interval is so many times the shortest. */
const MAX_PER_BASE = 10;
/** Envoy's, where neither policy nor runtime says. */
export const BASE_INTERVAL_MS = 25;

/** The pauses of one request: each a random part of a range that doubles (Envoy's `JitteredExponentialBackOffStrategy`). */
export class BackOff {
  readonly #maxMs: number;
  #rangeMs: number;

  constructor(baseMs: number, maxMs: number | undefined) {
    this.#rangeMs = baseMs;
    this.#maxMs = maxMs ?? baseMs * MAX_PER_BASE;
  }

  /** In whole milliseconds. `random` is uniform in [0, 1). */
  nextMs(random: number): number {
    const range = this.#rangeMs;
    this.#rangeMs = Math.min(2 * range, this.#maxMs);
    return Math.floor(random * range);
  }
}

/** How long a response asks to be left alone, in milliseconds; null when it does not say, or too long a time. */
export function resetIntervalMs(
  { headers, maxIntervalMs }: RateLimitedBackOffConfig,
  response: HeaderMap,
  wallMs: number,
): number | null {
  for (const header of headers) {
    const ms = intervalOf(header, response, wallMs);
    if (ms === null || ms > maxIntervalMs) continue;
    return ms;
  }
  return null;
}

/** The pause that is made of it: up to half as long again, so that not all come back at once. */
export function jitteredAbove(ms: number, random: number): number {
  return ms + Math.floor((random * ms) / 2);
}

function intervalOf(
  { name, format }: ResetHeaderConfig,
  response: HeaderMap,
  wallMs: number,
): number | null {
  const text = response.get(name);
  const value = text === undefined ? null : parseUnsigned(text);
  if (value === null) return null;
  if (format === "seconds") return Number(value) * 1000;
  const seconds = Number(value) - Math.floor(wallMs / 1000);
  return seconds < 0 ? null : seconds * 1000;
}
