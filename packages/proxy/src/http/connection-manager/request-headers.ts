import { randomUUID } from "node:crypto";
import { isIP } from "node:net";
import type { HeaderMap } from "@nuncio/codec";
import { cidrContains } from "../../base/cidr.ts";
import type { Address, DownstreamInfo } from "../../observe/stream-info.ts";
import { ipAddress } from "../../transport/address.ts";
import { joinLines, overwriteHeader, REQUEST_JOINED } from "../header-mutations/header-lines.ts";
import type { HttpConnectionManagerConfig } from "./model.ts";

/** What the header rules found out about the client. */
export interface ClientFacts {
  /** The trusted client address, by x-forwarded-for or the socket. */
  readonly remoteAddress: Address;
  readonly internal: boolean;
}

/**
 * Headers that only a trusted sender may set; everybody else's are dropped
 * (configuration/http/http_conn_man/headers, "x-envoy-internal" and following).
 */
const INTERNAL_ONLY = [
  "x-envoy-internal",
  "x-envoy-max-retries",
  "x-envoy-retry-on",
  "x-envoy-retry-grpc-on",
  "x-envoy-retriable-header-names",
  "x-envoy-retriable-status-codes",
  "x-envoy-upstream-rq-timeout-ms",
  "x-envoy-upstream-rq-per-try-timeout-ms",
  "x-envoy-upstream-rq-timeout-alt-response",
  "x-envoy-upstream-alt-stat-name",
  "x-envoy-upstream-stream-duration-ms",
  "x-envoy-force-trace",
  "x-envoy-hedge-on-per-try-timeout",
  "x-envoy-expected-rq-timeout-ms",
  "x-envoy-ip-tags",
  "x-envoy-original-url",
];

/** Dropped in addition where this proxy is the first one. */
const EDGE_ONLY = [
  "x-envoy-decorator-operation",
  "x-envoy-downstream-service-cluster",
  "x-envoy-downstream-service-node",
  "x-envoy-original-path",
  "x-envoy-original-host",
];

/** What to do with a header that the rules look at. */
const Rule = {
  InternalOnly: 1,
  EdgeOnly: 2,
  ClientCert: 3,
  ForwardedFor: 4,
  Proto: 5,
  Port: 6,
  RequestId: 7,
} as const;

const RULES = new Map<string, number>([
  ...INTERNAL_ONLY.map((name): [string, number] => [name, Rule.InternalOnly]),
  ...EDGE_ONLY.map((name): [string, number] => [name, Rule.EdgeOnly]),
  ["x-forwarded-client-cert", Rule.ClientCert],
  ["x-forwarded-for", Rule.ForwardedFor],
  ["x-forwarded-proto", Rule.Proto],
  ["x-forwarded-port", Rule.Port],
  ["x-request-id", Rule.RequestId],
]);

const RULE_BITS = 3;
const RULE_MASK = (1 << RULE_BITS) - 1;
/** One look-up for both questions: the rule (0 for none), and above it the number among the joined headers. */
const KNOWN = new Map<string, number>(
  [...REQUEST_JOINED].map(([name, number]) => [
    name,
    (number << RULE_BITS) | (RULES.get(name) ?? 0),
  ]),
);

/** Makes the request's headers fit to be forwarded (Envoy's `ConnectionManagerUtility::mutateRequestHeaders`). */
export class RequestHeaderRules {
  readonly #config: HttpConnectionManagerConfig;
  readonly #internalOnlyHeaders: ReadonlySet<string> | null;
  /** Appended to x-forwarded-for in place of a loopback peer. */
  readonly #hostIp: string;

  constructor(
    config: HttpConnectionManagerConfig,
    internalOnlyHeaders: readonly string[],
    hostIp: string,
  ) {
    this.#config = config;
    this.#internalOnlyHeaders =
      internalOnlyHeaders.length > 0 ? new Set(internalOnlyHeaders) : null;
    this.#hostIp = hostIp;
  }

  apply(headers: HeaderMap, downstream: DownstreamInfo): ClientFacts {
    const config = this.#config;
    const found = scan(headers);
    const { forwardedFor } = found;
    const peer = downstream.directRemoteAddress;
    const client = this.#clientOf(forwardedFor, peer);
    if (config.useRemoteAddress && !config.skipXffAppend)
      this.#appendForwardedFor(headers, forwardedFor, peer.ip);
    this.#setProto(headers, found, downstream);
    // A list of addresses has passed other proxies, so its sender is not internal whatever it says.
    const single = config.useRemoteAddress
      ? forwardedFor === undefined
      : forwardedFor?.includes(",") === false;
    const internal = single && client !== null && this.#isInternal(client.ip);
    const edge = !internal && config.useRemoteAddress;
    const remoteAddress = client ?? peer;
    this.#cleanse(headers, found, internal, edge);
    this.#addOwn(headers, found.requestId, edge, remoteAddress);
    return { remoteAddress, internal };
  }

  /** The trusted client address; null when x-forwarded-for should tell and does not. */
  #clientOf(forwardedFor: string | undefined, peer: Address): Address | null {
    const { useRemoteAddress, xffNumTrustedHops } = this.#config;
    if (!useRemoteAddress) return fromRight(forwardedFor, xffNumTrustedHops + 1);
    return (xffNumTrustedHops > 0 ? fromRight(forwardedFor, xffNumTrustedHops) : null) ?? peer;
  }

  #setProto(headers: HeaderMap, found: Found, downstream: DownstreamInfo): void {
    const config = this.#config;
    const trusted = !config.useRemoteAddress || config.xffNumTrustedHops > 0;
    let { proto } = found;
    if (!trusted || !proto) headers.set("x-forwarded-proto", (proto = "http"));
    if (config.appendXForwardedPort && config.useRemoteAddress && (!trusted || !found.port)) {
      headers.set("x-forwarded-port", String(downstream.localAddress.port));
    }
    // The scheme of an absolute target stays, whatever x-forwarded-proto says.
    headers.scheme =
      config.schemeOverwrite || headers.scheme || (proto === "https" ? "https" : "http");
  }

  /** Takes out what this sender may not say. */
  #cleanse(headers: HeaderMap, found: Found, internal: boolean, edge: boolean): void {
    // forward_client_cert_details is SANITIZE: a certificate that nobody here verified is not passed on.
    if (found.clientCert) headers.remove("x-forwarded-client-cert");
    if (internal) overwriteHeader(headers, "x-envoy-internal", "true");
    else if (found.sensitive || this.#internalOnlyHeaders !== null) this.#sanitize(headers, edge);
  }

  #addOwn(headers: HeaderMap, requestId: string | undefined, edge: boolean, remote: Address): void {
    const config = this.#config;
    if (config.addUserAgent) this.#addUserAgent(headers);
    if (config.via !== "") appendList(headers, "via", config.via);
    if (edge && isIP(remote.ip) !== 0) headers.set("x-envoy-external-address", remote.ip);
    if (config.generateRequestId && needsRequestId(config, requestId, edge)) {
      headers.set("x-request-id", randomUUID());
    }
  }

  #isInternal(ip: string): boolean {
    return this.#config.internalAddressRanges.some((range) => cidrContains(range, ip));
  }

  #appendForwardedFor(headers: HeaderMap, present: string | undefined, peerIp: string): void {
    if (isIP(peerIp) === 0) return;
    const own = peerIp.startsWith("127.") || peerIp === "::1" ? this.#hostIp : peerIp;
    headers.set(
      "x-forwarded-for",
      present === undefined || present === "" ? own : `${present},${own}`,
    );
  }

  #sanitize(headers: HeaderMap, edge: boolean): void {
    headers.removeIf((name) => {
      const rule = RULES.get(name);
      if (rule === Rule.InternalOnly || (edge && rule === Rule.EdgeOnly)) return true;
      return this.#internalOnlyHeaders !== null && this.#internalOnlyHeaders.has(name);
    });
  }

  #addUserAgent(headers: HeaderMap): void {
    const { serviceCluster, serviceNode } = this.#config;
    headers.set("x-envoy-downstream-service-cluster", serviceCluster);
    if (serviceNode !== "") headers.set("x-envoy-downstream-service-node", serviceNode);
    if (!headers.get("user-agent")) headers.set("user-agent", serviceCluster);
  }
}

/** Appends to a comma-separated header. */
export function appendList(headers: HeaderMap, name: string, value: string): void {
  const present = headers.get(name);
  headers.set(name, present === undefined || present === "" ? value : `${present}, ${value}`);
}

function needsRequestId(
  config: HttpConnectionManagerConfig,
  present: string | undefined,
  edge: boolean,
): boolean {
  return present === undefined || present === "" || (edge && !config.preserveExternalRequestId);
}

interface Found {
  forwardedFor: string | undefined;
  proto: string | undefined;
  port: boolean;
  requestId: string | undefined;
  clientCert: boolean;
  /** There is something that an outsider may not send. */
  sensitive: boolean;
  /** Two lines of a header of which there may be one. */
  repeated: boolean;
}

/** One pass over the headers instead of a look-up per rule; another one in the rare case of lines to join. */
function scan(headers: HeaderMap): Found {
  const found = scanLines(headers);
  if (!found.repeated) return found;
  joinLines(headers);
  return scanLines(headers);
}

function scanLines(headers: HeaderMap): Found {
  const found: Found = {
    forwardedFor: undefined,
    proto: undefined,
    port: false,
    requestId: undefined,
    clientCert: false,
    sensitive: false,
    repeated: false,
  };
  const { entries } = headers;
  let low = 0;
  let high = 0;
  for (let i = 0; i < entries.length; i += 2) {
    const known = KNOWN.get(entries[i]!);
    if (known === undefined) continue;
    const number = known >> RULE_BITS;
    const bit = 1 << (number & 31);
    if (((number < 32 ? low : high) & bit) !== 0) found.repeated = true;
    if (number < 32) low |= bit;
    else high |= bit;
    const rule = known & RULE_MASK;
    if (rule === 0) continue;
    if (rule <= Rule.EdgeOnly) found.sensitive = true;
    else if (rule === Rule.ClientCert) found.clientCert = true;
    else if (rule === Rule.ForwardedFor) found.forwardedFor = entries[i + 1]!;
    else if (rule === Rule.Proto) found.proto = entries[i + 1]!;
    else if (rule === Rule.Port) found.port = true;
    else found.requestId = entries[i + 1]!;
  }
  return found;
}

/** The `nth` address from the right of x-forwarded-for; null when there is none or it is no address. */
function fromRight(list: string | undefined, nth: number): Address | null {
  if (list === undefined) return null;
  let end = list.length;
  for (let i = 1; ; i++) {
    const comma = list.lastIndexOf(",", end - 1);
    if (i === nth) {
      const ip = list.slice(comma + 1, end).trim();
      return isIP(ip) === 0 ? null : ipAddress(ip, 0);
    }
    if (comma < 0) return null;
    end = comma;
  }
}
