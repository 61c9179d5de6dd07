import type { Resource } from "../../resources/object.ts";
import type { ParentReference } from "../translated-route.ts";

/** What is read of the five kinds of routes of `gateway.networking.k8s.io/v1`. */
export interface RouteObject<Rule = object> extends Resource {
  readonly spec: {
    readonly parentRefs?: readonly ParentReference[];
    readonly useDefaultGateways?: string;
    readonly hostnames?: readonly string[];
    readonly rules?: readonly Rule[];
  };
}

export type GrpcRouteObject = RouteObject<GrpcRouteRule>;
/** TLSRoute, TCPRoute, UDPRoute. */
export type L4RouteObject = RouteObject<L4RouteRule>;

export interface L4RouteRule {
  readonly name?: string;
  readonly backendRefs?: readonly BackendRef[];
}

export interface HttpRouteRule {
  readonly name?: string;
  readonly matches?: readonly HttpRouteMatch[];
  readonly filters?: readonly RouteFilter[];
  readonly backendRefs?: readonly HttpBackendRef[];
  readonly timeouts?: { readonly request?: string; readonly backendRequest?: string };
  readonly retry?: HttpRouteRetry;
  readonly sessionPersistence?: SessionPersistence;
}

export interface GrpcRouteRule {
  readonly name?: string;
  readonly matches?: readonly GrpcRouteMatch[];
  readonly filters?: readonly RouteFilter[];
  readonly backendRefs?: readonly HttpBackendRef[];
  readonly sessionPersistence?: SessionPersistence;
}

export interface HttpRouteMatch {
  readonly path?: { readonly type?: string; readonly value?: string };
  readonly headers?: readonly ValueMatch[];
  readonly queryParams?: readonly ValueMatch[];
  readonly method?: string;
}

export interface GrpcRouteMatch {
  readonly method?: { readonly type?: string; readonly service?: string; readonly method?: string };
  readonly headers?: readonly ValueMatch[];
}

/** Of a header or a parameter of the query. */
export interface ValueMatch {
  readonly type?: string;
  readonly name: string;
  readonly value: string;
}

export interface HttpRouteRetry {
  readonly codes?: readonly number[];
  readonly attempts?: number;
  readonly backoff?: string;
}

export interface SessionPersistence {
  readonly sessionName?: string;
  readonly absoluteTimeout?: string;
  readonly type?: string;
  readonly cookieConfig?: { readonly lifetimeType?: string };
}

export interface BackendObjectReference {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
  readonly port?: number;
}

export interface BackendRef extends BackendObjectReference {
  readonly weight?: number;
}

export interface HttpBackendRef extends BackendRef {
  readonly filters?: readonly RouteFilter[];
}

/** HTTPRouteFilter, and GRPCRouteFilter, which has fewer types. */
export interface RouteFilter {
  readonly type: string;
  readonly requestHeaderModifier?: HeaderFilter;
  readonly responseHeaderModifier?: HeaderFilter;
  readonly requestMirror?: RequestMirrorFilter;
  readonly requestRedirect?: RequestRedirectFilter;
  readonly urlRewrite?: UrlRewriteFilter;
  readonly cors?: CorsFilter;
  readonly externalAuth?: ExternalAuthFilter;
  readonly extensionRef?: { readonly group: string; readonly kind: string; readonly name: string };
}

export interface HeaderFilter {
  readonly set?: readonly { readonly name: string; readonly value: string }[];
  readonly add?: readonly { readonly name: string; readonly value: string }[];
  readonly remove?: readonly string[];
}

export interface RequestMirrorFilter {
  readonly backendRef: BackendObjectReference;
  readonly percent?: number;
  readonly fraction?: { readonly numerator: number; readonly denominator?: number };
}

export interface PathModifier {
  readonly type: string;
  readonly replaceFullPath?: string;
  readonly replacePrefixMatch?: string;
}

export interface RequestRedirectFilter {
  readonly scheme?: string;
  readonly hostname?: string;
  readonly path?: PathModifier;
  readonly port?: number;
  readonly statusCode?: number;
}

export interface UrlRewriteFilter {
  readonly hostname?: string;
  readonly path?: PathModifier;
}

export interface CorsFilter {
  readonly allowOrigins?: readonly string[];
  readonly allowCredentials?: boolean;
  readonly allowMethods?: readonly string[];
  readonly allowHeaders?: readonly string[];
  readonly exposeHeaders?: readonly string[];
  readonly maxAge?: number;
}

export interface ExternalAuthFilter {
  readonly protocol: string;
  readonly backendRef: BackendObjectReference;
  readonly grpc?: { readonly allowedHeaders?: readonly string[] };
  readonly http?: {
    readonly path?: string;
    readonly allowedHeaders?: readonly string[];
    readonly allowedResponseHeaders?: readonly string[];
  };
  readonly forwardBody?: { readonly maxSize?: number };
}
