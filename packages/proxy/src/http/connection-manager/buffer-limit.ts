import type { RouteEntry } from "../route/entry.ts";

/** The most bytes that filters may hold of a request to that route, or of its response. */
export function bufferLimitOf(route: RouteEntry | null | undefined, listenerBytes: number): number {
  if (!route) return listenerBytes;
  const { bufferLimitBytes, bufferLimitCapBytes = listenerBytes } = route;
  return bufferLimitBytes ?? Math.min(bufferLimitCapBytes, listenerBytes);
}
