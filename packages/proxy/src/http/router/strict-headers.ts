import type { HeaderMap } from "@nuncio/codec";

const UINT64_MAX = 2n ** 64n - 1n;

const RETRY_ON = words(`
  5xx connect-failure envoy-ratelimited gateway-error http3-post-connect-failure refused-stream reset reset-before-request
  retriable-4xx retriable-headers retriable-status-codes`);
const RETRY_GRPC_ON = words("cancelled deadline-exceeded internal resource-exhausted unavailable");

const CHECKS: { readonly [name: string]: (value: string) => boolean } = {
  "x-envoy-upstream-rq-timeout-ms": isInteger,
  "x-envoy-upstream-rq-per-try-timeout-ms": isInteger,
  "x-envoy-max-retries": isInteger,
  "x-envoy-retry-on": (value) => isListOf(value, RETRY_ON),
  "x-envoy-retry-grpc-on": (value) => isListOf(value, RETRY_GRPC_ON),
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
function isListOf(value: string, known: ReadonlySet<string>): boolean {
  return value.split(",").every((part) => part.trim() === "" || known.has(part.trim()));
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
