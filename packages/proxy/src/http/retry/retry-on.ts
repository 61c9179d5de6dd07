/** When a request is sent once more: bits of a set (router_filter.rst, "x-envoy-retry-on" and "x-envoy-retry-grpc-on"). */
export const RetryOn = {
  ServerError: 1 << 0,
  GatewayError: 1 << 1,
  Reset: 1 << 2,
  ResetBeforeRequest: 1 << 3,
  ConnectFailure: 1 << 4,
  EnvoyRateLimited: 1 << 5,
  Retriable4xx: 1 << 6,
  RefusedStream: 1 << 7,
  RetriableStatusCodes: 1 << 8,
  RetriableHeaders: 1 << 9,
  /** Nothing here speaks HTTP/3, so it never comes to that. */
  Http3PostConnectFailure: 1 << 10,
  GrpcCancelled: 1 << 11,
  GrpcDeadlineExceeded: 1 << 12,
  GrpcInternal: 1 << 13,
  GrpcResourceExhausted: 1 << 14,
  GrpcUnavailable: 1 << 15,
} as const;

/** The conditions of `x-envoy-retry-on`, by name. */
export const RETRY_CONDITIONS: ReadonlyMap<string, number> = new Map([
  ["5xx", RetryOn.ServerError],
  ["gateway-error", RetryOn.GatewayError],
  ["reset", RetryOn.Reset],
  ["reset-before-request", RetryOn.ResetBeforeRequest],
  ["connect-failure", RetryOn.ConnectFailure],
  ["envoy-ratelimited", RetryOn.EnvoyRateLimited],
  ["retriable-4xx", RetryOn.Retriable4xx],
  ["refused-stream", RetryOn.RefusedStream],
  ["retriable-status-codes", RetryOn.RetriableStatusCodes],
  ["retriable-headers", RetryOn.RetriableHeaders],
  ["http3-post-connect-failure", RetryOn.Http3PostConnectFailure],
]);

/** The conditions of `x-envoy-retry-grpc-on`, by name. */
export const GRPC_RETRY_CONDITIONS: ReadonlyMap<string, number> = new Map([
  ["cancelled", RetryOn.GrpcCancelled],
  ["deadline-exceeded", RetryOn.GrpcDeadlineExceeded],
  ["internal", RetryOn.GrpcInternal],
  ["resource-exhausted", RetryOn.GrpcResourceExhausted],
  ["unavailable", RetryOn.GrpcUnavailable],
]);

/** Which condition stands for a `grpc-status` in a response's head. */
export const CONDITION_OF_GRPC_STATUS: ReadonlyMap<bigint, number> = new Map([
  [1n, RetryOn.GrpcCancelled],
  [4n, RetryOn.GrpcDeadlineExceeded],
  [8n, RetryOn.GrpcResourceExhausted],
  [13n, RetryOn.GrpcInternal],
  [14n, RetryOn.GrpcUnavailable],
]);

/** A list of names, separated by commas, as a set; names that are not known count for nothing, as in Envoy. */
export function parseConditions(text: string, known: ReadonlyMap<string, number>): number {
  let set = 0;
  for (const name of text.split(",")) set |= known.get(name.trim()) ?? 0;
  return set;
}

/** The names of a set's conditions, as in `retry_on`. */
export function conditionNames(set: number): string[] {
  const known = [...RETRY_CONDITIONS, ...GRPC_RETRY_CONDITIONS];
  return known.flatMap(([name, condition]) => ((set & condition) === 0 ? [] : name));
}

/** `retry_on` of a policy, which has both lists in one. */
export function parseRetryOn(text: string): number {
  return parseConditions(text, RETRY_CONDITIONS) | parseConditions(text, GRPC_RETRY_CONDITIONS);
}
