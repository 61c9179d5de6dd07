import type { IrForward, IrRetry } from "../../../ir/route.ts";
import type { HttpRouteRetry, HttpRouteRule } from "../objects.ts";
import { durationMs } from "./duration.ts";
import type { RuleFaults } from "./faults.ts";

/** How often a request is tried again unless the rule says otherwise. */
const DEFAULT_RETRY_ATTEMPTS = 2;
/** As many as data planes can be told (uint32). */
const RETRY_ATTEMPTS_MAX = 2 ** 32 - 1;

/** `timeouts` of a rule, in milliseconds; 0 is none. */
export function timeouts(
  { request, backendRequest }: NonNullable<HttpRouteRule["timeouts"]>,
  where: string,
  faults: RuleFaults,
): Pick<IrForward, "timeoutMs" | "backendTimeoutMs"> {
  const timeoutMs = duration(request, `${where}.request`, faults);
  const backendTimeoutMs = duration(backendRequest, `${where}.backendRequest`, faults);
  if (timeoutMs !== undefined && timeoutMs > 0 && (backendTimeoutMs ?? 0) > timeoutMs)
    faults.unsupported(
      where,
      `expected backendRequest to be at most ${request}, got ${backendRequest}`,
    );
  return {
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(backendTimeoutMs !== undefined && { backendTimeoutMs }),
  };
}

/** `retry` of a rule: what could not be sent, or broke off, is always among it. */
export function retry(
  { codes = [], attempts = DEFAULT_RETRY_ATTEMPTS, backoff }: HttpRouteRetry,
  where: string,
  faults: RuleFaults,
): IrRetry {
  const backoffMs = duration(backoff, `${where}.backoff`, faults);
  if (backoffMs === 0)
    faults.unsupported(`${where}.backoff`, `expected more than 0s, got ${backoff}`);
  if (attempts > RETRY_ATTEMPTS_MAX)
    faults.unsupported(
      `${where}.attempts`,
      `expected at most ${RETRY_ATTEMPTS_MAX}, got ${attempts}`,
    );
  return { statusCodes: codes, attempts, ...(backoffMs !== undefined && { backoffMs }) };
}

function duration(text: string | undefined, where: string, faults: RuleFaults): number | undefined {
  if (text === undefined) return undefined;
  const ms = durationMs(text);
  if (ms === undefined) faults.unsupported(where, `expected a duration such as 1m30s, got ${text}`);
  return ms;
}
