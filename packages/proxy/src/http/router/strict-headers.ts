import type { HeaderMap } from "@nuncio/codec";
import { GRPC_RETRY_CONDITIONS, RETRY_CONDITIONS } from "../retry/retry-on.ts";

const UINT64_MAX = 2n ** 64n - 1n;

const CHECKS: { readonly [name: string]: (value: string) => boolean } = {
  "x-envoy-upstream-rq-timeout-ms": isInteger,
  "x-envoy-upstream-rq-per-try-timeout-ms": isInteger,
  "x-envoy-max-retries": isInteger,
  "x-envoy-retry-on": (value) => isListOf(value, RETRY_CONDITIONS),
  "x-envoy-retry-grpc-on": (value) => isListOf(value, GRPC_RETRY_CONDITIONS),
};

/** The first of `names` (`strict_check_headers`) whose value in a request makes no sense; null when all do. */
export function invalidHeader(names: readonly string[], headers: HeaderMap): string | null {
  for (const name of names) {
    const value = headers.get(name);
    if (value !== undefined && CHECKS[name]?.(value) === false) return name;
  }
  return null;
}

/** An unsigned number of 64 bits, as Envoy reads it. */
function isInteger(value: string): boolean {
  const digits = /^\s*\+?(\d+)\s*$/.exec(value)?.[1];
  return digits !== undefined && BigInt(digits) <= UINT64_MAX;
}

/** Empty parts are none. */
function isListOf(value: string, known: ReadonlyMap<string, number>): boolean {
  return value.split(",").every((part) => part.trim() === "" || known.has(part.trim()));
}
