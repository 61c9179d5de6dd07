import type { CheckedHost, CheckResult, HealthCheckConfig } from "./model.ts";
import { probeHttp } from "./probe-http.ts";
import { probeTcp } from "./probe-tcp.ts";

/** A check under way. */
export interface Probe {
  /** It does not call back any more. */
  cancel(): void;
}

/** Checks a host once. Calls back once, later. */
export function probe(
  host: CheckedHost,
  { check, timeoutMs }: HealthCheckConfig,
  onResult: (result: CheckResult) => void,
): Probe {
  const ends = new AbortController();
  const timer = setTimeout(() => end({ kind: "timeout" }), timeoutMs).unref();
  let isOver = false;
  const end = (result: CheckResult | null): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    ends.abort();
    if (result !== null) onResult(result);
  };
  if (check.kind === "http") probeHttp(host, check, ends.signal, end);
  else probeTcp(host, check, ends.signal, end);
  return { cancel: () => end(null) };
}
