import { isIP } from "node:net";
import type { HeaderMap } from "@nuncio/codec";
import { clientAddress, type Address, type DownstreamInfo } from "../../observe/stream-info.ts";
import { joinLines, overwriteHeader, REQUEST_JOINED } from "../header-mutations/header-lines.ts";
import { ClientAddress } from "./client-address/client-address.ts";
import type { HeaderRulesConfig } from "./header-rules-model.ts";
import { isReferer } from "./referer.ts";
import { RequestId } from "./request-id.ts";

/** What the header rules found out about the client. */
export interface ClientFacts {
  /** The trusted client address, by x-forwarded-for or the socket; null when the request is refused. */
  readonly remoteAddress: Address | null;
  readonly internal: boolean;
  /** There is an x-forwarded-client-cert to decide about. */
  readonly hasClientCert: boolean;
  /** The status to answer with at once, because nothing told the address; 0 for none. */
  readonly rejectStatus: number;
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
  Referer: 8,
} as const;

const RULES = new Map<string, number>([
  ...INTERNAL_ONLY.map((name): [string, number] => [name, Rule.InternalOnly]),
  ...EDGE_ONLY.map((name): [string, number] => [name, Rule.EdgeOnly]),
  ["x-forwarded-client-cert", Rule.ClientCert],
  ["x-forwarded-for", Rule.ForwardedFor],
  ["x-forwarded-proto", Rule.Proto],
  ["x-forwarded-port", Rule.Port],
  ["x-request-id", Rule.RequestId],
  ["referer", Rule.Referer],
]);

const RULE_BITS = 4;
const RULE_MASK = (1 << RULE_BITS) - 1;
/** One look-up for both questions: the rule (0 for none), and above it the number among the joined headers. */
const KNOWN = new Map<string, number>(
  [...REQUEST_JOINED].map(([name, number]) => [
    name,
    (number << RULE_BITS) | (RULES.get(name) ?? 0),
  ]),
);

/** Makes the request's headers fit to be forwarded (Envoy's `ConnectionManagerUtility::mutateRequestHeaders`). */
export class RequestHeaderRules implements ClientFacts {
  remoteAddress: Address | null = null;
  internal = false;
  hasClientCert = false;
  readonly #config: HeaderRulesConfig;
  /** Of the route table, for the next request; lower case. */
  internalOnlyHeaders: ReadonlySet<string> | null = null;
  readonly #client: ClientAddress;
  readonly #requestId: RequestId | null;

  constructor(config: HeaderRulesConfig, hostIp: string) {
    this.#config = config;
    this.#client = new ClientAddress(config, hostIp);
    this.#requestId = config.generateRequestId ? new RequestId(config) : null;
  }

  get rejectStatus(): number {
    return this.#client.rejectStatus;
  }

  /** The facts are those of this object, and hold until the next call. */
  apply(headers: HeaderMap, downstream: DownstreamInfo): ClientFacts {
    const config = this.#config;
    const found = scan(headers);
    const client = this.#client;
    const peer = clientAddress(downstream);
    if (found.referer !== undefined && !isReferer(found.referer)) headers.remove("referer");
    client.detect(headers, found.forwardedFor, peer);
    if (client.rejectStatus !== 0) return this;
    this.#setProto(headers, found, downstream);
    const internal = client.isInternal();
    const edge = !internal && config.useRemoteAddress;
    this.internal = internal;
    this.remoteAddress = client.address ?? peer;
    this.#cleanse(headers, found, internal, edge);
    this.#addOwn(headers, found.requestId, edge, this.remoteAddress);
    this.hasClientCert = found.clientCert;
    return this;
  }

  #setProto(headers: HeaderMap, found: Found, downstream: DownstreamInfo): void {
    const config = this.#config;
    const trusted = !config.useRemoteAddress || config.xffNumTrustedHops > 0;
    let { proto } = found;
    if (!trusted || !proto) headers.set("x-forwarded-proto", (proto = protocolOf(downstream)));
    if (config.appendXForwardedPort && (!trusted || !found.port)) {
      headers.set("x-forwarded-port", String(downstream.localAddress.port));
    }
    if (config.schemeOverwrite !== "") {
      headers.scheme = config.schemeOverwrite;
      headers.set("x-forwarded-proto", config.schemeOverwrite);
    } else if (headers.scheme === "") {
      // The scheme of an absolute target stays, whatever x-forwarded-proto says.
      headers.scheme = proto.length === 5 && proto.toLowerCase() === "https" ? "https" : "http";
    }
  }

  /** Takes out what this sender may not say. */
  #cleanse(headers: HeaderMap, found: Found, internal: boolean, edge: boolean): void {
    if (internal) overwriteHeader(headers, "x-envoy-internal", "true");
    else if (found.sensitive || this.internalOnlyHeaders !== null) this.#sanitize(headers, edge);
  }

  #addOwn(headers: HeaderMap, requestId: string | undefined, edge: boolean, remote: Address): void {
    const config = this.#config;
    if (config.addUserAgent) this.#addUserAgent(headers);
    if (config.via !== "") appendList(headers, "via", config.via);
    if (edge && isIP(remote.ip) !== 0) headers.set("x-envoy-external-address", remote.ip);
    this.#requestId?.ensure(headers, requestId, edge);
  }

  #sanitize(headers: HeaderMap, edge: boolean): void {
    headers.removeIf((name) => {
      const rule = RULES.get(name);
      if (rule === Rule.InternalOnly || (edge && rule === Rule.EdgeOnly)) return true;
      return this.internalOnlyHeaders !== null && this.internalOnlyHeaders.has(name);
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

interface Found {
  forwardedFor: string | undefined;
  proto: string | undefined;
  port: boolean;
  requestId: string | undefined;
  referer: string | undefined;
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
    referer: undefined,
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
    else if (rule === Rule.RequestId) found.requestId = entries[i + 1]!;
    else found.referer = entries[i + 1]!;
  }
  return found;
}

/** How the client reached this proxy. */
function protocolOf({ tls = null }: DownstreamInfo): "http" | "https" {
  return tls === null ? "http" : "https";
}
