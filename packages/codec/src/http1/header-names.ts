/** Numbers of the names that the codec itself reads: their places in `HEADER_NAMES`. */
export const NameId = {
  Host: 0,
  ContentLength: 1,
  TransferEncoding: 2,
  Connection: 3,
  Upgrade: 4,
  Expect: 5,
  Te: 6,
  KeepAlive: 7,
  ProxyConnection: 8,
} as const;

/** Names below this number are the codec's own business; the others are only known strings. */
export const SPECIAL_NAMES = 9;

/**
 * Header names that come as constants, so that a head costs no string for them and comparing them is
 * comparing pointers. The order of the first ones is `NameId`; the rest are what requests and responses usually have.
 */
export const HEADER_NAMES: readonly string[] = [
  ..."host content-length transfer-encoding connection upgrade expect te keep-alive proxy-connection".split(
    " ",
  ),
  ..."accept accept-charset accept-encoding accept-language accept-ranges access-control-allow-credentials".split(
    " ",
  ),
  ..."access-control-allow-headers access-control-allow-methods access-control-allow-origin".split(
    " ",
  ),
  ..."access-control-expose-headers access-control-max-age access-control-request-headers".split(
    " ",
  ),
  ..."access-control-request-method age allow alt-svc authorization cache-control content-disposition".split(
    " ",
  ),
  ..."content-encoding content-language content-location content-range content-security-policy content-type".split(
    " ",
  ),
  ..."cookie date dnt etag expires forwarded from grpc-accept-encoding grpc-encoding grpc-message grpc-status".split(
    " ",
  ),
  ..."grpc-timeout if-match if-modified-since if-none-match if-range if-unmodified-since last-modified".split(
    " ",
  ),
  ..."link location max-forwards origin pragma priority proxy-authenticate proxy-authorization range".split(
    " ",
  ),
  ..."referer referrer-policy retry-after sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest".split(
    " ",
  ),
  ..."sec-fetch-mode sec-fetch-site sec-fetch-user sec-websocket-accept sec-websocket-extensions".split(
    " ",
  ),
  ..."sec-websocket-key sec-websocket-protocol sec-websocket-version server server-timing set-cookie".split(
    " ",
  ),
  ..."strict-transport-security traceparent tracestate trailer upgrade-insecure-requests user-agent vary".split(
    " ",
  ),
  ..."via warning www-authenticate x-b3-parentspanid x-b3-sampled x-b3-spanid x-b3-traceid".split(
    " ",
  ),
  ..."x-client-trace-id x-content-type-options x-envoy-attempt-count x-envoy-decorator-operation".split(
    " ",
  ),
  ..."x-envoy-expected-rq-timeout-ms x-envoy-external-address x-envoy-force-trace x-envoy-internal".split(
    " ",
  ),
  ..."x-envoy-max-retries x-envoy-original-path x-envoy-retry-on x-envoy-upstream-rq-timeout-ms".split(
    " ",
  ),
  ..."x-envoy-upstream-service-time x-forwarded-client-cert x-forwarded-for x-forwarded-host".split(
    " ",
  ),
  ..."x-forwarded-port x-forwarded-proto x-frame-options x-powered-by x-real-ip x-request-id".split(
    " ",
  ),
  ..."x-requested-with x-xss-protection".split(" "),
];

const SLOTS = 1024;
/**
 * Sets the case of a letter. Among token characters only upper case letters, `^` and `_` lack this bit, and no listed
 * name has what the latter two become.
 */
const LOWER_BIT = 0x20;
const NAME_BYTES: readonly Uint8Array[] = HEADER_NAMES.map((name) =>
  Uint8Array.from(Buffer.from(name, "latin1")),
);
/** Open addressing: 1 + place in `HEADER_NAMES`, 0 when free. */
const TABLE = new Uint8Array(SLOTS);
for (const [id, name] of NAME_BYTES.entries()) {
  let slot = slotOf(name, 0, name.length);
  while (TABLE[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
  TABLE[slot] = id + 1;
}

/** The place in `HEADER_NAMES` of the name (token characters) at `start`, whatever its case; -1 when it is not one of them. */
export function findHeaderName(bytes: Uint8Array, start: number, length: number): number {
  let slot = slotOf(bytes, start, length);
  for (let entry = TABLE[slot]!; entry !== 0; entry = TABLE[slot]!) {
    if (equals(NAME_BYTES[entry - 1]!, bytes, start, length)) return entry - 1;
    slot = (slot + 1) & (SLOTS - 1);
  }
  return -1;
}

/** Three characters and the length tell the listed names apart well enough. */
function slotOf(bytes: Uint8Array, start: number, length: number): number {
  const first = bytes[start]! | LOWER_BIT;
  const middle = bytes[start + (length >> 1)]! | LOWER_BIT;
  const last = bytes[start + length - 1]! | LOWER_BIT;
  return (length * 59 + first * 7 + middle * 37 + last * 139) & (SLOTS - 1);
}

function equals(name: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (name.length !== length) return false;
  for (let i = 0; i < length; i++) {
    if (name[i] !== (bytes[start + i]! | LOWER_BIT)) return false;
  }
  return true;
}
