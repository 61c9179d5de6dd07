import type { Message } from "@bufbuild/protobuf";
import type { Duration } from "@bufbuild/protobuf/wkt";
import type { CompileContext } from "./context.ts";

/** Milliseconds, with fractions. */
export function durationMs(duration: Duration): number {
  return Number(duration.seconds) * 1000 + duration.nanos / 1e6;
}

/** What Envoy counts in nanoseconds has to fit into 63 bits. */
const SECONDS_BELOW = 9_223_372_036;

/**
 * The duration at `message.field` in whole milliseconds, as Envoy takes it, or `fallback` when it is unset. Negative ones and
 * those of more than 292 years are an error.
 */
export function compileDuration(
  message: Message,
  field: string,
  duration: Duration | undefined,
  fallback: number,
  ctx: CompileContext,
): number {
  if (duration === undefined) return fallback;
  const ms = durationMs(duration);
  const expected = ms < 0 ? "a positive duration" : `less than ${SECONDS_BELOW}s`;
  if (ms >= 0 && duration.seconds < SECONDS_BELOW) return Math.floor(ms);
  ctx.problems.error(message, field, `invalid duration: expected ${expected}, got ${ms / 1000}s`);
  return fallback;
}
