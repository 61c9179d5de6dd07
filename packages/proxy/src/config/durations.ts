import type { Message } from "@bufbuild/protobuf";
import type { Duration } from "@bufbuild/protobuf/wkt";
import type { CompileContext } from "./context.ts";

/** Milliseconds, with fractions. */
export function durationMs(duration: Duration): number {
  return Number(duration.seconds) * 1000 + duration.nanos / 1e6;
}

/** The duration at `message.field` in milliseconds, or `fallback` when it is unset. Negative ones are an error. */
export function compileDuration(
  message: Message,
  field: string,
  duration: Duration | undefined,
  fallback: number,
  ctx: CompileContext,
): number {
  if (duration === undefined) return fallback;
  const ms = durationMs(duration);
  if (ms >= 0) return ms;
  ctx.problems.error(
    message,
    field,
    `invalid duration: expected a positive duration, got ${ms / 1000}s`,
  );
  return fallback;
}
