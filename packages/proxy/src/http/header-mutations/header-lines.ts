import type { HeaderMap } from "@nuncio/codec";

/**
 * Headers of which Envoy keeps one line: a further value is joined to the first with a comma. All others get lines of
 * their own. The set depends on the kind of headers (Envoy 1.40).
 */
const BOTH_JOINED = `
  cache-control connection content-encoding content-length content-type keep-alive
  proxy-connection proxy-status transfer-encoding upgrade via x-envoy-attempt-count
  x-envoy-decorator-operation x-request-id`;
const REQUEST_JOINED = words(`
  accept accept-encoding access-control-request-headers access-control-request-method
  authorization expect grpc-accept-encoding grpc-timeout if-modified-since if-none-match origin
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
  access-control-allow-origin age date etag expires grpc-message grpc-status last-modified
  location server vary x-envoy-degraded x-envoy-immediate-health-check-fail x-envoy-ratelimited
  x-envoy-upstream-canary x-envoy-upstream-service-time
${BOTH_JOINED}`);
const TRAILERS_JOINED = words("grpc-message grpc-status");

/** Appends a value as Envoy's header map does. `name` is lower case and no pseudo header. */
export function appendHeader(headers: HeaderMap, name: string, value: string): void {
  const joined =
    headers.status !== 0
      ? RESPONSE_JOINED
      : headers.method !== ""
        ? REQUEST_JOINED
        : TRAILERS_JOINED;
  const existing = joined.has(name) ? headers.get(name) : undefined;
  if (existing === undefined) headers.add(name, value);
  else headers.set(name, existing === "" ? value : `${existing},${value}`);
}

/** Replaces all lines of a header by one at the end, where Envoy puts it. */
export function overwriteHeader(headers: HeaderMap, name: string, value: string): void {
  headers.remove(name);
  headers.add(name, value);
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
