import type { HeaderMap } from "@nuncio/codec";
import type { Hash64 } from "../../base/hash64.ts";
import { isGrpcRequest } from "../../observe/format/grpc-status.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { ROUTER_STATS } from "../../observe/stats/tables/router.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import type { Host } from "../../upstream/host.ts";
import type { LoadBalancerContext, RetryPriority } from "../../upstream/load-balancer.ts";
import { requestedNames } from "../../upstream/pool/requested-names.ts";
import type { DecoderFilterCallbacks } from "../filter.ts";
import type { CookieGenerator } from "../hash-policy/hash-policies.ts";
import type { SessionCookieConfig } from "../hash-policy/model.ts";
import { sessionCookieValue, setCookieLine } from "../hash-policy/session-cookie.ts";
import { readAskedRetries, RETRY_HEADERS } from "../retry/asked-retries.ts";
import type { RetryPolicy } from "../retry/retry-policy.ts";
import { RetryState } from "../retry/retry-state.ts";
import type { RouteEntry } from "../route/entry.ts";
import { rewriteHost } from "../route/table/host-rewrite.ts";
import type { RequestStats } from "../route/table/request-stats.ts";
import { AttemptLog } from "./attempt-log.ts";
import { type ControlHeaders, takeControlHeaders } from "./control-headers.ts";
import type { Router } from "./router.ts";
import {
  announceTimeout,
  timeLeftMs,
  followsExpected,
  globalTimeoutMs,
  perTryTimeoutMs,
} from "./timeouts.ts";
import { poolKindOf, timesHandshake, tunnelPreface, udpRequest } from "./tunnels.ts";
import type { UpstreamOwner } from "./upstream-owner.ts";
import { UpstreamRequest } from "./upstream-request.ts";

/** A request that has a cluster, made ready for it; its attempts come from here, and their results are counted here. */
export class RoutedRequest implements LoadBalancerContext, CookieGenerator {
  readonly router: Router;
  readonly callbacks: DecoderFilterCallbacks;
  readonly route: RouteEntry;
  /** The one of this name as of the last attempt. */
  cluster: Cluster;
  readonly headers: HeaderMap;
  readonly control: ControlHeaders | null;
  readonly grpc: boolean;
  /** For the whole exchange; 0: none. */
  readonly timeoutMs: number;
  /** For each attempt; 0: none. */
  readonly #perTryTimeoutMs: number;
  readonly #perTryIdleTimeoutMs: number;
  /** An attempt whose time is up goes on, beside a further one. */
  readonly #hedged: boolean;
  /** Null when nothing is to be retried. */
  readonly retryState: RetryState | null;
  /** The attempt to come, or the one under way, is not the first. */
  retrying = false;
  /** Counts the request beside its cluster; null for nothing. */
  readonly stats: RequestStats | null;
  /** The answer where there is no host for it. */
  noHostStatus = 503;
  /** Values of `set-cookie` that the response gets; null for none. */
  #cookies: string[] | null = null;

  /** Takes the sender's wishes out of the headers and finishes them as the route says. `retrier` is told when to retry. */
  constructor(
    router: Router,
    callbacks: DecoderFilterCallbacks,
    route: RouteEntry,
    cluster: Cluster,
    headers: HeaderMap,
    retrier: { onRetry(): void },
  ) {
    const { config } = router;
    this.router = router;
    this.callbacks = callbacks;
    this.route = route;
    this.cluster = cluster;
    this.headers = headers;
    this.stats = route.requestStats(headers, callbacks.streamInfo);
    this.grpc = isGrpcRequest(headers);
    callbacks.streamInfo.grpc ??= this.grpc;
    const control = takeControlHeaders(headers, followsExpected(config, headers));
    this.control = control;
    this.timeoutMs = globalTimeoutMs(config, route, headers, control, this.grpc);
    const policy = router.retryPolicy(cluster, route);
    // Times are those of the route, even where its cluster says when to retry, as in Envoy.
    this.#perTryTimeoutMs = perTryTimeoutMs(control, route.retryPolicy, this.timeoutMs);
    this.#perTryIdleTimeoutMs = route.retryPolicy?.config.perTryIdleTimeoutMs ?? 0;
    this.#hedged = control?.hedgeOnPerTryTimeout ?? route.hedgeOnPerTryTimeout;
    this.#announceTimeout(0);
    // Formats of request headers see the attempt that is to come.
    callbacks.streamInfo.upstream.attemptCount = 1;
    if (route.includeRequestAttemptCount) headers.set("x-envoy-attempt-count", "1");
    if (callbacks.streamInfo.schemeMatchesUpstream)
      headers.scheme =
        (cluster.config.transportSockets?.otherwise ?? null) === null ? "http" : "https";
    route.finalizeRequestHeaders(headers, callbacks.formatContext, !config.suppressEnvoyHeaders);
    const asks = control?.asksForRetries === true || route.setsRetryHeaders;
    this.retryState = asks || policy !== null ? this.#retryState(policy, asks, retrier) : null;
  }

  /** `asks`: headers of the request may ask for retries; they are taken out. */
  #retryState(
    policy: RetryPolicy | null,
    asks: boolean,
    retrier: { onRetry(): void },
  ): RetryState | null {
    const { headers, cluster, route, stats } = this;
    const asked = asks ? readAskedRetries(headers) : null;
    const state = RetryState.create(policy, asked, {
      worker: this.router.services.worker,
      cluster,
      priority: route.priority,
      stats,
      headers,
      onRetry: () => retrier.onRetry(),
    });
    if (asks) headers.removeIf((name) => RETRY_HEADERS.has(name));
    return state;
  }

  /** Its body is needed when it is sent once more. */
  get keepsBody(): boolean {
    if (this.route.internalRedirect !== null) return true;
    return this.retryState !== null && (this.retryState.enabled || this.#hedged);
  }

  /** Readies the request for another attempt. False when its cluster is gone. */
  prepareRetry(afterTimeout: boolean, elapsedMs: number): boolean {
    const { callbacks, headers, route } = this;
    const { upstream } = callbacks.streamInfo;
    this.retrying = true;
    upstream.attemptCount++;
    const cluster = this.router.services.clusters.get(upstream.clusterName);
    if (cluster === undefined) return false;
    this.cluster = cluster;
    if (route.includeRequestAttemptCount)
      headers.set("x-envoy-attempt-count", String(upstream.attemptCount));
    if (route.includeIsTimeoutRetry) headers.set("x-envoy-is-timeout-retry", String(afterTimeout));
    this.#announceTimeout(elapsedMs);
    return true;
  }

  #announceTimeout(elapsedMs: number): void {
    const perTryMs = this.#hedged ? 0 : this.#perTryTimeoutMs;
    const ms = timeLeftMs(perTryMs, this.timeoutMs, elapsedMs);
    announceTimeout(this.router.config, this.route, this.headers, ms, this.grpc);
  }

  /** The next attempt, at a host that the cluster chooses; null when it has none. */
  attempt(owner: UpstreamOwner, endStream: boolean): UpstreamRequest | null {
    const { route, cluster, headers, router, control, callbacks } = this;
    const host = this.#chooseHost();
    if (host === null) {
      this.countCluster(CLUSTER_STATS.at.upstream_cx_none_healthy);
      return null;
    }
    const { streamInfo } = callbacks;
    const kind = poolKindOf(cluster, route, headers, streamInfo);
    const names = requestedNames(cluster, headers);
    const pool = router.pools.of(cluster, host, route.priority, kind, names);
    if (pool === null) return null;
    if (route.autoHostRewrite && host.hostname !== "") {
      const keepsOriginal = !router.config.suppressEnvoyHeaders;
      rewriteHost(headers, host.hostname, route.appendXForwardedHost, keepsOriginal);
    }
    const sent = kind === "udp" ? udpRequest(headers, streamInfo) : headers;
    const attempt = new UpstreamRequest(owner, pool, sent, this.grpc, endStream);
    attempt.awaitsSwitch = streamInfo.upgradeType !== "";
    if (kind === "tunnel") attempt.preface = tunnelPreface(route, streamInfo.downstream!);
    if (router.upstreamLogs !== null)
      attempt.log = new AttemptLog(router, cluster, headers, callbacks);
    attempt.perTryTimeoutMs = this.#perTryTimeoutMs;
    attempt.perTryIdleTimeoutMs = this.#perTryIdleTimeoutMs;
    attempt.hedged = this.#hedged;
    attempt.timesHandshake = timesHandshake(streamInfo.upgradeType);
    if (control !== null && control.streamDurationMs !== null)
      attempt.maxDurationMs = control.streamDurationMs;
    return attempt;
  }

  /** The host that a filter asks for, where it can be had; else one that the cluster chooses, unless only that one will do. */
  #chooseHost(): Host | null {
    const { cluster, callbacks } = this;
    const override = callbacks.upstreamOverrideHost;
    if (override !== null) {
      const host = cluster.hostAt(override.address);
      if (host !== null && cluster.mayOverride(host)) return host;
      if (host === null) this.noHostStatus = override.statusWhenMissing;
      if (override.strict) return null;
    }
    const asks = cluster.hashes || (this.retrying && this.retryState !== null);
    return cluster.chooseHost(asks ? this : null);
  }

  get hostSelectionRetryCount(): number {
    return this.retrying ? (this.retryState?.hostSelectionAttemptsMax ?? 0) : 0;
  }

  shouldSelectAnotherHost(host: Host): boolean {
    return this.retrying && this.retryState?.avoids(host) === true;
  }

  get retryPriority(): RetryPriority | null {
    return this.retrying ? (this.retryState?.retryPriority ?? null) : null;
  }

  computeHash(hash: Hash64): boolean {
    this.#cookies = null;
    const policies = this.cluster.httpHashPolicies ?? this.route.hashPolicies;
    return policies !== null && policies.hash(this.headers, this.callbacks.streamInfo, this, hash);
  }

  generateCookie(name: string, config: SessionCookieConfig): string {
    const value = sessionCookieValue(this.callbacks.streamInfo.downstream!);
    (this.#cookies ??= []).push(setCookieLine(name, value, config));
    return value;
  }

  /** Gives the client the cookies that were made for it. */
  addCookies(headers: HeaderMap): void {
    if (this.#cookies === null) return;
    for (const line of this.#cookies) headers.add("set-cookie", line);
  }

  /** What the router adds to its own answers; undefined for nothing. */
  decorateReply(overloaded: boolean): ((headers: HeaderMap) => void) | undefined {
    const overload = overloaded && !this.router.config.suppressEnvoyHeaders;
    const attempts = this.route.includeAttemptCountInResponse;
    if (!overload && !attempts) return undefined;
    const { upstream } = this.callbacks.streamInfo;
    return (headers) => {
      if (overload) headers.set("x-envoy-overloaded", "true");
      if (attempts) headers.set("x-envoy-attempt-count", String(upstream.attemptCount));
    };
  }

  /** Health checks are no traffic: neither codes nor times of them are counted. */
  countCode(status: number, canary: boolean): void {
    if (this.callbacks.streamInfo.healthCheck) return;
    const codes = this.router.codeStats(this.cluster);
    const internal = this.#internal();
    const withTotals = !this.grpc || !this.router.config.suppressGrpcRequestFailureCodeStats;
    codes.count(status, internal, canary, withTotals);
    if (this.stats !== null && this.router.config.dynamicStats) this.stats.countCode(status);
    const alternative = this.control?.altStatName ?? null;
    if (alternative !== null) codes.countAlternative(alternative, status, internal, canary);
  }

  /** An attempt ends without a response, or (`responseStarted`) within one; `status` is what it is answered with. */
  countAbort(status: number, attempt: UpstreamRequest, responseStarted: boolean): void {
    if (!responseStarted) this.countCode(status, attempt.canary);
    // Only gRPC, as in Envoy: whether other responses had succeeded was decided by their status.
    else if (attempt.grpcPending)
      this.router.count(ROUTER_STATS.at.rq_reset_after_downstream_response_started);
  }

  /** A response is not passed on, because another attempt is made. */
  countRetried(status: number): void {
    const withTotals = !this.grpc || !this.router.config.suppressGrpcRequestFailureCodeStats;
    this.router.codeStats(this.cluster).countRetried(status, withTotals);
  }

  /** The time from the end of the request to the end of the response. */
  countTime(ms: number, canary: boolean): void {
    if (this.callbacks.streamInfo.healthCheck) return;
    const codes = this.router.codeStats(this.cluster);
    const internal = this.#internal();
    codes.time(Math.round(ms), internal, canary);
    const alternative = this.control?.altStatName ?? null;
    if (alternative !== null) codes.timeAlternative(alternative, Math.round(ms), internal, canary);
    if (this.stats !== null && this.router.config.dynamicStats)
      this.stats.countTime(Math.round(ms));
  }

  countCluster(stat: number): void {
    this.router.services.worker.stats.slots[this.cluster.statsBase + stat]! += 1;
  }

  #internal(): boolean {
    return this.headers.get("x-envoy-internal") === "true";
  }
}
