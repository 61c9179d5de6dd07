import type { HeaderMap } from "@nuncio/codec";
import { RETRY_HEADERS } from "../retry/asked-retries.ts";

/**
 * What a trusted sender asks of the router by headers of its request (router_filter.rst, "HTTP headers (consumed from
 * downstreams)"). Whether the sender is trusted was decided before, by leaving the headers in place.
 */
export interface ControlHeaders {
  /** `x-envoy-upstream-rq-timeout-ms`; null when it is absent or no number. */
  timeoutMs: number | null;
  /** `x-envoy-upstream-rq-per-try-timeout-ms`; null when it is absent or no number. */
  perTryTimeoutMs: number | null;
  /** `x-envoy-hedge-on-per-try-timeout`, instead of what the route says; null when it is absent or neither of both. */
  hedgeOnPerTryTimeout: boolean | null;
  /** `x-envoy-upstream-stream-duration-ms`, instead of the cluster's limit; null when it is absent or no number. */
  streamDurationMs: number | null;
  /** `x-envoy-upstream-rq-timeout-alt-response`: a timeout is answered with 204. */
  timeoutAltResponse: boolean;
  /** `x-envoy-upstream-alt-stat-name`: response codes count under this name, too. Null when it is absent. */
  altStatName: string | null;
  /** There are headers about retries; they stay, because they are read behind the edits of the route. */
  asksForRetries: boolean;
}

const TIMEOUT = "x-envoy-upstream-rq-timeout-ms";
const PER_TRY_TIMEOUT = "x-envoy-upstream-rq-per-try-timeout-ms";
const HEDGE = "x-envoy-hedge-on-per-try-timeout";
const STREAM_DURATION = "x-envoy-upstream-stream-duration-ms";
const TIMEOUT_ALT_RESPONSE = "x-envoy-upstream-rq-timeout-alt-response";
const ALT_STAT_NAME = "x-envoy-upstream-alt-stat-name";

/** All that are meant for this proxy, so that the next one does not act upon them again. */
const CONTROL_HEADERS: ReadonlySet<string> = new Set([
  TIMEOUT,
  TIMEOUT_ALT_RESPONSE,
  ALT_STAT_NAME,
  HEDGE,
  PER_TRY_TIMEOUT,
  STREAM_DURATION,
]);

const ASKING_HEADERS: ReadonlySet<string> = new Set([...CONTROL_HEADERS, ...RETRY_HEADERS]);

/** Reads and removes them; null when there is none. `keepsTimeout`: that for the whole request is left for the next one. */
export function takeControlHeaders(
  headers: HeaderMap,
  keepsTimeout: boolean,
): ControlHeaders | null {
  const { entries } = headers;
  for (let i = 0; i < entries.length; i += 2) {
    if (isAsking(entries[i]!)) return takeAll(headers, keepsTimeout);
  }
  return null;
}

/** A number of milliseconds from a header's value; null when it is none. */
export function parseMs(text: string | undefined): number | null {
  if (text === undefined || !MILLISECONDS.test(text)) return null;
  const ms = Number(text);
  return ms < MS_BELOW ? ms : null;
}

/** A sign is taken, as by Envoy. */
const MILLISECONDS = /^\s*\+?\d{1,19}\s*$/;

/** What has no room in 63 bits is no time to Envoy. */
const MS_BELOW = 2 ** 63;

function takeAll(headers: HeaderMap, keepsTimeout: boolean): ControlHeaders {
  const control = {
    timeoutMs: parseMs(headers.get(TIMEOUT)),
    perTryTimeoutMs: parseMs(headers.get(PER_TRY_TIMEOUT)),
    hedgeOnPerTryTimeout: HEDGE_VALUES.get(headers.get(HEDGE) ?? "") ?? null,
    streamDurationMs: parseMs(headers.get(STREAM_DURATION)),
    timeoutAltResponse: headers.has(TIMEOUT_ALT_RESPONSE),
    altStatName: headers.get(ALT_STAT_NAME) ?? null,
    asksForRetries: headers.entries.some((text, at) => at % 2 === 0 && RETRY_HEADERS.has(text)),
  };
  headers.removeIf((name) => CONTROL_HEADERS.has(name) && !(keepsTimeout && name === TIMEOUT));
  return control;
}

/** The letters tell most names apart from `x-envoy-…` without hashing them. */
function isAsking(name: string): boolean {
  return (
    name.charCodeAt(0) === LETTER_X && name.charCodeAt(2) === LETTER_E && ASKING_HEADERS.has(name)
  );
}

const LETTER_X = 120;
const LETTER_E = 101;

const HEDGE_VALUES: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["false", false],
]);
