import type { Place } from "@nuncio/api";

// What `nuncio explain` and admin's /explain say, as data: the documented shape of their JSON (docs/explain.md). Places
// are null where there is no text; probabilities are above 0 and at most 1.

/** The way of one request through a configuration. */
export interface Explanation {
  readonly request: ExplainedRequest;
  readonly listener: ListenerChoice;
  readonly filterChain: FilterChainChoice;
  /** Null when the filter chain has no HTTP connection manager. */
  readonly manager: ManagerStep | null;
  /** What the filter chain does instead, in one line; empty with an HTTP connection manager. */
  readonly network: string;
  /** Null without `scoped_routes`. */
  readonly scope: ScopeChoice | null;
  /** Null when the request was answered before a route was looked for, or has no scope. */
  readonly virtualHost: VirtualHostChoice | null;
  /** The routes in the order in which they were asked, up to the first that is certain to take the request. */
  readonly routes: readonly RouteTrial[];
  /** What can become of the request; several where chance decides. The most probable first; probabilities sum to 1. */
  readonly outcomes: readonly Outcome[];
}

export interface ExplainedRequest {
  readonly method: string;
  readonly scheme: string;
  /** `:authority` as the client sends it. */
  readonly host: string;
  /** With its query. */
  readonly path: string;
  readonly headers: readonly HeaderLine[];
  /** `127.0.0.1:50000`. */
  readonly source: string;
}

export type HeaderLine = readonly [name: string, value: string];

export interface ListenerChoice {
  readonly name: string;
  readonly address: string;
  readonly why: string;
  readonly place: Place | null;
}

export interface FilterChainChoice {
  /** Empty for a chain without a name. */
  readonly name: string;
  readonly why: string;
  readonly place: Place | null;
  readonly refused: readonly Refused[];
  /** Of `filter_chain_matcher`; empty without one. */
  readonly matcher: readonly MatcherStep[];
}

/** One step through a tree of `xds.type.matcher.v3.Matcher`. */
export interface MatcherStep {
  readonly text: string;
  /** The values of its inputs. */
  readonly seen: string;
  /** It was gone on with. */
  readonly held: boolean;
}

/** Something that was tried and not taken. */
export interface Refused {
  readonly name: string;
  readonly why: string;
  readonly place: Place | null;
}

export interface ManagerStep {
  readonly statPrefix: string;
  readonly place: Place | null;
  /** The trusted client address. */
  readonly clientAddress: string;
  /** By Envoy's rules: its `x-envoy-…` headers count. */
  readonly internal: boolean;
  /** What the connection manager did to the request before it looked for a route. */
  readonly changes: readonly HeaderChange[];
}

/** One header (or `:method`, `:path`, `:authority`, `:scheme`) before and after; null where it is not there. */
export interface HeaderChange {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** The route table by `scoped_routes`. */
export interface ScopeChoice {
  /** The request's key; null when a part of it is missing. */
  readonly key: readonly string[] | null;
  readonly found: boolean;
  /** Of the scope's route table. */
  readonly place: Place | null;
}

export interface VirtualHostChoice {
  /** Null when no virtual host takes the host. */
  readonly name: string | null;
  /** The domain that matched; empty when none did. */
  readonly domain: string;
  readonly how: DomainKind | "none";
  readonly why: string;
  readonly place: Place | null;
  /** Others that would take the host, but are less specific. */
  readonly candidates: readonly Refused[];
  /** Of `VirtualHost.matcher`, which leads to the routes; empty without one. */
  readonly matcher: readonly MatcherStep[];
}

export type DomainKind = "exact" | "suffix" | "prefix" | "any";

/** One route that was asked. */
export interface RouteTrial {
  /** From 0, in its virtual host, or in the list that the virtual host's matcher leads to. */
  readonly index: number;
  /** Empty for a route without a name. */
  readonly name: string;
  readonly place: Place | null;
  /** The path criterion in words: `prefix "/a"`. */
  readonly path: string;
  /** `chance`: the route takes a share of the requests. */
  readonly verdict: "taken" | "refused" | "chance";
  /** Share of all such requests that get here and are taken. */
  readonly probability: number;
  readonly checks: readonly Check[];
}

/** One question that a route asks of a request; the first that is not held refuses. */
export interface Check {
  /** Name of the field: `prefix`, `headers`, `runtime_fraction`. */
  readonly criterion: string;
  readonly wanted: string;
  readonly seen: string;
  readonly held: boolean;
}

/** One way that the request can go. */
export interface Outcome {
  readonly probability: number;
  /** Null when no route takes the request, or none was looked for. */
  readonly route: ChosenRoute | null;
  /** The HTTP filters in order. */
  readonly filters: readonly FilterStep[];
  /** What filters ask services first; each is taken to say yes (200 with nothing). */
  readonly asked: readonly QuestionStep[];
  /** The requests that leave: one, and one per mirror. Empty when the answer is made here. */
  readonly upstream: readonly UpstreamStep[];
  /** The answer that is made here; null when the request leaves. */
  readonly response: LocalResponse | null;
  /** What the client gets beside an upstream's own headers; of a 200 without any. Empty for an answer made here. */
  readonly responseHeaders: readonly HeaderLine[];
}

export interface ChosenRoute {
  readonly virtualHost: string;
  readonly name: string;
  readonly index: number;
  readonly kind: "route" | "redirect" | "direct_response" | "tls_redirect";
  readonly place: Place | null;
  /** Milliseconds; 0 for none. Empty unless the kind is `route`. */
  readonly timeouts: { readonly [name: string]: number };
  /** When and how often its policy has requests sent once more; null for no policy, or one without conditions. */
  readonly retries: { readonly on: readonly string[]; readonly max: number } | null;
}

export interface FilterStep {
  readonly name: string;
  readonly type: string;
  readonly runs: boolean;
  /** Why it does not run; empty when it does. */
  readonly why: string;
  readonly changes: readonly HeaderChange[];
  /** It answered, or waits for something that is not there. */
  readonly stopped: boolean;
}

export interface UpstreamStep {
  readonly cluster: string;
  readonly place: Place | null;
  readonly priority: "default" | "high";
  /** All hosts of the cluster, as configured or as resolved. */
  readonly endpoints: readonly Endpoint[];
  /** How one of them is chosen, where the cluster's load balancer hashes; null where it does not. */
  readonly hash: HashStep | null;
  /** The request line's and Host's values as the upstream gets them. */
  readonly method: string;
  readonly host: string;
  readonly path: string;
  /** All headers that it gets. */
  readonly headers: readonly HeaderLine[];
  /** What the router changed on the way out. */
  readonly changes: readonly HeaderChange[];
}

/** A request of a filter's own. */
export interface QuestionStep {
  readonly cluster: string;
  readonly place: Place | null;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly headers: readonly HeaderLine[];
}

export interface HashStep {
  /** `ring_hash` or `maglev`. */
  readonly algorithm: string;
  /** Those that were asked, in order. Empty: nothing says what is hashed. */
  readonly policies: readonly HashPolicyStep[];
  /** 16 digits; null when no policy found anything: chance decides. */
  readonly hash: string | null;
  /** The address of the endpoint that was chosen; null where chance decides. */
  readonly endpoint: string | null;
}

/** One hash policy and what it found. */
export interface HashPolicyStep {
  /** `header x-key`, `source_ip`. */
  readonly policy: string;
  readonly seen: string;
  readonly held: boolean;
}

export interface Endpoint {
  readonly address: string;
  readonly hostname: string;
  readonly weight: number;
  readonly priority: number;
  /** `healthy`, or Envoy's flags. */
  readonly health: string;
}

/** An answer that the proxy makes itself. */
export interface LocalResponse {
  readonly status: number;
  readonly headers: readonly HeaderLine[];
  readonly body: string;
  /** `%RESPONSE_FLAGS%`. */
  readonly flags: string;
  /** `%RESPONSE_CODE_DETAILS%`. */
  readonly details: string;
  /** The cluster that the route names and that is not there; empty otherwise. */
  readonly missingCluster: string;
}
