/**
 * Monotonic microseconds, read from the clock at each call. To measure what happens within one callback of the event
 * loop, where the worker's own time stands still; never for deadlines.
 */
export function stopwatchUs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + nanoseconds / 1e3;
}
