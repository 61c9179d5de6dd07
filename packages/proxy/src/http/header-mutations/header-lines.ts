import type { HeaderMap } from "@nuncio/codec";

/**
 * Headers of which Envoy keeps one line: a further value is joined to the first with a comma. All others get lines of
 * their own. The set depends on the kind of headers (Envoy 1.40).
 */
const BOTH_JOINED = `
  cache-control connection content-encoding content-length content-type keep-alive
  proxy-connection proxy-status transfer-encoding upgrade via x-envoy-attempt-count
  x-envoy-decorator-operation x-request-id`;
export const REQUEST_JOINED: ReadonlyMap<string, number> = words(`
  accept accept-encoding access-control-request-headers access-control-request-method
  access-control-request-private-network authorization expect grpc-accept-encoding grpc-timeout if-modified-since if-none-match origin
  pragma referer te user-agent x-client-trace-id x-forwarded-client-cert x-forwarded-for
  x-forwarded-host x-forwarded-port x-forwarded-proto x-envoy-downstream-service-cluster
  x-envoy-downstream-service-node x-envoy-expected-rq-timeout-ms x-envoy-external-address
  x-envoy-force-trace x-envoy-hedge-on-per-try-timeout x-envoy-internal x-envoy-ip-tags
  x-envoy-max-retries x-envoy-original-host x-envoy-original-path x-envoy-original-url
  x-envoy-retriable-header-names x-envoy-retriable-status-codes x-envoy-retry-grpc-on
  x-envoy-retry-on x-envoy-upstream-alt-stat-name x-envoy-upstream-rq-per-try-timeout-ms
  x-envoy-upstream-rq-timeout-alt-response x-envoy-upstream-rq-timeout-ms
  x-envoy-upstream-stream-duration-ms
${BOTH_JOINED}`);
const RESPONSE_JOINED = words(`
  access-control-allow-credentials access-control-allow-headers access-control-allow-methods
  access-control-allow-origin access-control-allow-private-network access-control-expose-headers
  access-control-max-age age date etag expires grpc-message grpc-status last-modified
  location server vary x-envoy-degraded x-envoy-immediate-health-check-fail x-envoy-ratelimited
  x-envoy-upstream-canary x-envoy-upstream-service-time
${BOTH_JOINED}`);
const TRAILERS_JOINED = words("grpc-message grpc-status");

/** Appends a value as Envoy's header map does. `name` is lower case and no pseudo header. */
export function appendHeader(headers: HeaderMap, name: string, value: string): void {
  const existing = joinedOf(headers).has(name) ? headers.get(name) : undefined;
  if (existing === undefined) headers.add(name, value);
  else if (value !== "") headers.set(name, existing === "" ? value : `${existing},${value}`);
}

/** Joins what a peer sent on several lines, as Envoy's header map does when it takes them in. */
export function joinRepeatedLines(headers: HeaderMap): void {
  const joined = joinedOf(headers);
  const { entries } = headers;
  let low = 0;
  let high = 0;
  for (let i = 0; i < entries.length; i += 2) {
    const number = joined.get(entries[i]!);
    if (number === undefined) continue;
    const bit = 1 << (number & 31);
    if (((number < 32 ? low : high) & bit) !== 0) return joinLines(headers);
    if (number < 32) low |= bit;
    else high |= bit;
  }
}

/** The same for headers that are known to have something to join. */
export function joinLines(headers: HeaderMap): void {
  const joined = joinedOf(headers);
  const lines = headers.entries.splice(0);
  for (let i = 0; i < lines.length; i += 2) {
    if (joined.has(lines[i]!)) appendHeader(headers, lines[i]!, lines[i + 1]!);
    else headers.add(lines[i]!, lines[i + 1]!);
  }
}

/** Replaces all lines of a header by one at the end, where Envoy puts it. */
export function overwriteHeader(headers: HeaderMap, name: string, value: string): void {
  headers.remove(name);
  headers.add(name, value);
}

function joinedOf(headers: HeaderMap): ReadonlyMap<string, number> {
  if (headers.status !== 0) return RESPONSE_JOINED;
  return headers.method !== "" ? REQUEST_JOINED : TRAILERS_JOINED;
}

/** The names, numbered, so that a pair of integers can tell which of them were seen. */
function words(text: string): ReadonlyMap<string, number> {
  return new Map(
    text
      .trim()
      .split(/\s+/)
      .map((name, number) => [name, number]),
  );
}
