import type { HeaderMap } from "@nuncio/codec";

/**
 * What a trusted sender asks of the router by headers of its request (router_filter.rst, "HTTP headers (consumed from
 * downstreams)"). Whether the sender is trusted was decided before, by leaving the headers in place.
 */
export interface ControlHeaders {
  /** `x-envoy-upstream-rq-timeout-ms`; null when it is absent or no number. */
  timeoutMs: number | null;
  /** `x-envoy-upstream-rq-timeout-alt-response`: a timeout is answered with 204. */
  timeoutAltResponse: boolean;
  /** `x-envoy-upstream-alt-stat-name`: response codes count under this name, too. */
  altStatName: string;
}

const TIMEOUT = "x-envoy-upstream-rq-timeout-ms";
const TIMEOUT_ALT_RESPONSE = "x-envoy-upstream-rq-timeout-alt-response";
const ALT_STAT_NAME = "x-envoy-upstream-alt-stat-name";

/** All that are meant for this proxy, so that the next one does not act upon them again. */
const CONTROL_HEADERS: ReadonlySet<string> = new Set([
  TIMEOUT,
  TIMEOUT_ALT_RESPONSE,
  ALT_STAT_NAME,
  "x-envoy-hedge-on-per-try-timeout",
  "x-envoy-max-retries",
  "x-envoy-retriable-header-names",
  "x-envoy-retriable-status-codes",
  "x-envoy-retry-grpc-on",
  "x-envoy-retry-on",
  "x-envoy-upstream-rq-per-try-timeout-ms",
  "x-envoy-upstream-stream-duration-ms",
]);

/** Reads and removes them; null when there is none. */
export function takeControlHeaders(headers: HeaderMap): ControlHeaders | null {
  const { entries } = headers;
  for (let i = 0; i < entries.length; i += 2) {
    if (isControlHeader(entries[i]!)) return takeAll(headers);
  }
  return null;
}

/** A number of milliseconds from a header's value; null when it is none. */
export function parseMs(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function takeAll(headers: HeaderMap): ControlHeaders {
  const control = {
    timeoutMs: parseMs(headers.get(TIMEOUT)),
    timeoutAltResponse: headers.has(TIMEOUT_ALT_RESPONSE),
    altStatName: headers.get(ALT_STAT_NAME) ?? "",
  };
  headers.removeIf(isControlHeader);
  return control;
}

/** The letter tells most names apart from `x-envoy-…` without hashing them. */
function isControlHeader(name: string): boolean {
  return name.charCodeAt(2) === LETTER_E && CONTROL_HEADERS.has(name);
}

const LETTER_E = 101;
