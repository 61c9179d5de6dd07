import type { ObjectKey } from "../resources/object.ts";

/** A socket, and what is done with what arrives there. */
export interface IrListener {
  readonly name: string;
  readonly gateway: ObjectKey;
  readonly protocol: "TCP" | "UDP";
  /** At least one; `0.0.0.0` and `::` stand for all of a family. */
  readonly addresses: readonly string[];
  /** `::` stands for all of both families. */
  readonly ipv4Compat?: true;
  readonly port: number;
  /** TCP: the most specific name that a client asked for decides. Sorted by name. */
  readonly filterChains: readonly IrFilterChain[];
  /** UDP: where datagrams go. */
  readonly udp?: IrL4Route;
}

/** What is done with connections that ask for one of some names. */
export interface IrFilterChain {
  /** `<namespace>/<gateway>/<listener>`; stays the same when other chains come and go. */
  readonly name: string;
  /** Names of SNI, `*.example.com` for all below; empty: any connection. */
  readonly serverNames: readonly string[];
  /** Only connections that begin with a ClientHello; always so with names. */
  readonly transportProtocol?: "tls";
  /** TLS is ended here. */
  readonly tls?: IrDownstreamTls;
  readonly handler: IrHttpHandler | IrTcpHandler;
}

export interface IrHttpHandler {
  readonly kind: "http";
  readonly routeConfig: string;
  /** HTTP filters that a route of it uses. */
  readonly filters: readonly IrHttpFilter[];
  /** Filters that routes used before, the last one last: data planes may still have these routes. */
  readonly retiredFilters?: readonly IrExternalAuthFilter[];
}

/** HTTP filters that do nothing where a route says nothing of them. */
export type IrHttpFilter = "cors" | "stateful_session" | "grpc_web" | IrExternalAuthFilter;

/** Asks services that speak one protocol, and are told the same headers of requests. */
export interface IrExternalAuthFilter {
  readonly kind: "ext_authz";
  readonly protocol: "GRPC" | "HTTP";
  /** Lower case, sorted. None: all (GRPC), or none but those that a service is told in any case (HTTP). */
  readonly requestHeaders: readonly string[];
}

export interface IrTcpHandler {
  readonly kind: "tcp";
  readonly route: IrL4Route;
}

/** Where a connection, or datagrams, go. */
export interface IrL4Route {
  /** The route's place: `tcproute/<namespace>/<name>/rule/0`. */
  readonly name: string;
  /** The rule's own name, where it has one. */
  readonly ruleName?: string;
  /** None: connections are closed, datagrams dropped. */
  readonly clusters: readonly IrL4WeightedCluster[];
  readonly idleTimeoutMs?: number;
}

export interface IrL4WeightedCluster {
  /** Null: its backend is not there. */
  readonly cluster: string | null;
  readonly weight: number;
}

/** TLS towards clients. */
export interface IrDownstreamTls {
  /** Names of secrets; the first one that fits a client's algorithms is used. At least one. */
  readonly certificates: readonly string[];
  /** In the order of preference; none: no ALPN. */
  readonly alpn: readonly string[];
  readonly clientValidation?: IrClientValidation;
  readonly minVersion?: "1.0" | "1.1" | "1.2" | "1.3";
  readonly maxVersion?: "1.0" | "1.1" | "1.2" | "1.3";
}

/** How certificates of clients are checked. */
export interface IrClientValidation {
  /** The name of a secret with certificates of authorities. */
  readonly caSecret: string;
  /** Also clients without a certificate, or with one that is not valid, are let in. */
  readonly insecureFallback: boolean;
}
