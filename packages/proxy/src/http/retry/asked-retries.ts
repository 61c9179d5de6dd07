import type { HeaderMap } from "@nuncio/codec";
import type { HeaderTestFunction } from "../route/matchers/header-matcher.ts";
import { parseUnsigned } from "../route/matchers/integer.ts";
import { GRPC_RETRY_CONDITIONS, parseConditions, RETRY_CONDITIONS } from "./retry-on.ts";

/**
 * What a trusted sender, or an edit of the route, asks of retries by headers of the request (router_filter.rst, "HTTP headers
 * (consumed from downstreams)").
 */
export interface AskedRetries {
  /** `RetryOn` bits, beside those of the policy; null when neither of the two headers is there. */
  readonly on: number | null;
  /** Instead of the policy's; null when it is absent or no number. */
  readonly retriesMax: number | null;
  /** Beside those of the policy. */
  readonly statusCodes: readonly number[];
  /** Responses that have any of these headers; beside those of the policy. */
  readonly responseTests: readonly HeaderTestFunction[];
}

const RETRY_ON = "x-envoy-retry-on";
const RETRY_GRPC_ON = "x-envoy-retry-grpc-on";
const MAX_RETRIES = "x-envoy-max-retries";
const STATUS_CODES = "x-envoy-retriable-status-codes";
const HEADER_NAMES = "x-envoy-retriable-header-names";

/** Those that are read here, behind the edits of the route. */
export const RETRY_HEADERS: ReadonlySet<string> = new Set([
  RETRY_ON,
  RETRY_GRPC_ON,
  MAX_RETRIES,
  STATUS_CODES,
  HEADER_NAMES,
]);

/** Reads them. They stay: conditions on the request's headers see them, too. */
export function readAskedRetries(headers: HeaderMap): AskedRetries {
  const retryOn = headers.get(RETRY_ON);
  const grpcOn = headers.get(RETRY_GRPC_ON);
  const maxRetries = parseUnsigned(headers.get(MAX_RETRIES) ?? "");
  return {
    on:
      retryOn === undefined && grpcOn === undefined
        ? null
        : parseConditions(retryOn ?? "", RETRY_CONDITIONS) |
          parseConditions(grpcOn ?? "", GRPC_RETRY_CONDITIONS),
    retriesMax: maxRetries === null ? null : Number(maxRetries),
    statusCodes: listOf(headers.get(STATUS_CODES)).flatMap((text) => {
      const code = parseUnsigned(text);
      return code === null ? [] : [Number(code)];
    }),
    responseTests: listOf(headers.get(HEADER_NAMES)).map((text) => {
      const name = text.trim().toLowerCase();
      return (response: HeaderMap): boolean => response.has(name);
    }),
  };
}

function listOf(text: string | undefined): string[] {
  return text?.split(",").filter((part) => part !== "") ?? [];
}
