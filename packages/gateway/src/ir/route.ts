import type { ObjectKey } from "../resources/object.ts";

/** Routes of one HTTP filter chain, or of all HTTP listeners on a port. Its virtual hosts are pieces of their own. */
export interface IrRouteConfig {
  readonly name: string;
  readonly gateway: ObjectKey;
}

/** What happens with requests for a domain. */
export interface IrVirtualHost {
  /** `<route config>/<domain>`, or `<route config>/-misdirected` for the domains of other listeners. */
  readonly name: string;
  readonly gateway: ObjectKey;
  readonly routeConfig: string;
  /** `a.example.com`, `*.example.com` or `*`. */
  readonly domain: string;
  /** All have the same routes. */
  readonly otherDomains?: readonly string[];
  /** The first that matches is taken; none: 404. */
  readonly routes: readonly IrRoute[];
}

export interface IrRoute {
  /** `httproute/<namespace>/<name>/rule/<i>/match/<j>`, with `/backend/<k>` or `/cors-preflight` where it is a part of that. */
  readonly name: string;
  /** The rule's own name, where it has one. */
  readonly ruleName?: string;
  readonly match: IrRouteMatch;
  readonly action: IrForward | IrRedirect | IrDirectResponse;
  readonly requestHeaders?: IrHeaderMutation;
  readonly responseHeaders?: IrHeaderMutation;
  readonly cors?: IrCors;
}

export interface IrRouteMatch {
  readonly path: IrPathMatch;
  /** All have to match. */
  readonly method?: string;
  readonly headers: readonly IrStringMatch[];
  readonly queryParams: readonly IrStringMatch[];
  /** Only requests of gRPC. */
  readonly grpc?: true;
  /** One of so many requests, of those that match otherwise; none: all. One number is drawn for all fractions of a request. */
  readonly fraction?: IrFraction;
}

export interface IrPathMatch {
  /** `prefix` is one of whole segments: `/a` is a prefix of `/a/b` and not of `/ab`. */
  readonly kind: "exact" | "prefix" | "regex";
  readonly value: string;
}

export interface IrStringMatch {
  readonly name: string;
  readonly kind: "exact" | "regex";
  readonly value: string;
}

export interface IrFraction {
  readonly numerator: number;
  readonly denominator: number;
}

/** The request goes to an upstream. */
export interface IrForward {
  readonly kind: "forward";
  /** At least one. */
  readonly clusters: readonly IrWeightedCluster[];
  /** What requests get for which there is no cluster; none: 500. */
  readonly missingBackendStatus?: 503;
  readonly mirrors: readonly IrMirror[];
  readonly rewrite?: IrRewrite;
  /** The whole exchange; 0: none. */
  readonly timeoutMs?: number;
  /** Each attempt; 0: none. */
  readonly backendTimeoutMs?: number;
  readonly retry?: IrRetry;
  readonly sessionPersistence?: IrSessionPersistence;
  readonly externalAuth?: IrExternalAuth;
}

export interface IrWeightedCluster {
  /** Null: the backend is not there, or may not be referred to; 500. */
  readonly cluster: string | null;
  readonly weight: number;
  readonly requestHeaders?: IrHeaderMutation;
  readonly responseHeaders?: IrHeaderMutation;
}

export interface IrMirror {
  readonly cluster: string;
  readonly fraction?: IrFraction;
}

export interface IrRewrite {
  readonly hostname?: string;
  readonly path?: IrPathChange;
}

/** `full`: instead of the whole path. `prefix`: instead of the prefix that matched. */
export interface IrPathChange {
  readonly kind: "full" | "prefix";
  readonly value: string;
}

export interface IrRedirect {
  readonly kind: "redirect";
  readonly statusCode: 301 | 302 | 303 | 307 | 308;
  readonly scheme?: string;
  readonly hostname?: string;
  readonly port?: number;
  readonly path?: IrPathChange;
}

export interface IrDirectResponse {
  readonly kind: "directResponse";
  readonly statusCode: number;
  readonly body?: string;
}

/** In this order: what is set or added, then what is taken away. */
export interface IrHeaderMutation {
  readonly set: readonly (readonly [name: string, value: string])[];
  readonly add: readonly (readonly [name: string, value: string])[];
  readonly remove: readonly string[];
}

export interface IrRetry {
  /** Besides what could not be sent at all. */
  readonly statusCodes: readonly number[];
  /** How often after the first attempt. */
  readonly attempts: number;
  /** Before the first retry; doubled for each one after it. */
  readonly backoffMs?: number;
}

/** A client stays with the endpoint that it had first. */
export interface IrSessionPersistence {
  readonly kind: "cookie" | "header";
  readonly name: string;
  /** Cookie: of which paths. */
  readonly path?: string;
  /** Cookie: 0 or undefined for one of the session. */
  readonly ttlMs?: number;
}

export interface IrCors {
  /** `https://a.example.com`, `https://*.example.com`, `*`. */
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds: number;
  readonly allowCredentials: boolean;
}

export interface IrExternalAuth {
  readonly protocol: "GRPC" | "HTTP";
  readonly cluster: string;
  /** GRPC: what the service is called by. */
  readonly authority?: string;
  /** HTTP: what stands before the path of the request. */
  readonly pathPrefix?: string;
  /** As in `IrExternalAuthFilter`: the filter with the same ones asks the service. */
  readonly requestHeaders: readonly string[];
  /** HTTP: headers of its answer that are set in the request, lower case; none: all that do not belong to the answer itself. */
  readonly responseHeaders: readonly string[];
  /** Bytes of the body that the service is told; none: no body. */
  readonly bodyBytesMax?: number;
}
