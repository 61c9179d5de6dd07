import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { ThresholdsConfig } from "../../upstream/model.ts";
import { Resource } from "../../upstream/shared/breaker-memory.ts";
import { clusterConfig } from "../../upstream/testing/cluster-config.ts";
import { TestClusters } from "../../upstream/testing/worker-clusters.ts";
import type { AskedRetries } from "./asked-retries.ts";
import type { RetryPolicyConfig } from "./model.ts";
import { parseRetryOn } from "./retry-on.ts";
import { RetryPolicy } from "./retry-policy.ts";
import { RetryState } from "./retry-state.ts";

const CONFIG: RetryPolicyConfig = {
  on: 0,
  retriesMax: 1,
  perTryTimeoutMs: 0,
  perTryIdleTimeoutMs: 0,
  statusCodes: [],
  responseHeaders: [],
  requestHeaders: [],
  hostPredicates: [],
  hostSelectionAttemptsMax: 1,
  prioritiesUpdateFrequency: 0,
};
const NOTHING_ASKED: AskedRetries = {
  on: null,
  retriesMax: null,
  statusCodes: [],
  responseTests: [],
};

interface Parts extends Partial<Omit<RetryPolicyConfig, "on">> {
  readonly on?: string;
  readonly asked?: Partial<AskedRetries>;
  readonly thresholds?: Partial<ThresholdsConfig>;
}

function rig({ on = "", asked, thresholds = {}, ...policy }: Parts) {
  const made = new TestClusters();
  const target = made.add(clusterConfig({ thresholds }));
  let retries = 0;
  const state = RetryState.create(
    new RetryPolicy({ ...CONFIG, ...policy, on: parseRetryOn(on) }),
    asked === undefined ? null : { ...NOTHING_ASKED, ...asked },
    {
      worker: made.worker,
      cluster: target,
      priority: "default",
      stats: null,
      headers: new HeaderMap(),
      onRetry: () => retries++,
    },
  );
  const stat = (name: keyof typeof CLUSTER_STATS.at): number =>
    made.worker.stats.slots[CLUSTER_STATS.at[name]]!;
  return { state, worker: made.worker, cluster: target, stat, retries: () => retries };
}

function response(status: number, ...entries: readonly string[]): HeaderMap {
  const headers = new HeaderMap();
  headers.status = status;
  headers.entries.push(...entries);
  return headers;
}

void test("which responses are retried", () => {
  const would = (on: string, head: HeaderMap, more: Parts = {}): boolean =>
    rig({ ...more, on }).state!.wouldRetry(head);
  const codes = [499, 500, 502, 504, 505, 599, 600].map((code) => response(code));
  const all = (on: string): boolean[] => codes.map((head) => would(on, head));
  assert.deepEqual(all("5xx"), [false, true, true, true, true, true, false]);
  assert.deepEqual(all("gateway-error"), [false, false, true, true, false, false, false]);
  assert.deepEqual(all("reset,connect-failure,retriable-4xx"), Array(7).fill(false));
  assert.equal(would("retriable-4xx", response(409)), true);
  assert.equal(would("retriable-status-codes", response(418), { statusCodes: [418] }), true);
  assert.equal(would("5xx", response(418), { statusCodes: [418] }), false);
  assert.equal(would("unavailable", response(200, "grpc-status", "14")), true);
  assert.equal(would("unavailable", response(200, "grpc-status", "13")), false);
});

void test("what another proxy limits is retried only where that is asked for", () => {
  const limited = response(503, "x-envoy-ratelimited", "true");
  assert.equal(rig({ on: "5xx" }).state!.wouldRetry(limited), false);
  assert.equal(rig({ on: "envoy-ratelimited" }).state!.wouldRetry(limited), true);
});

void test("which failures are retried", () => {
  const after = (on: string, ...[reason, started]: Parameters<RetryState["afterReset"]>): string =>
    rig({ on }).state!.afterReset(reason, started, 0);
  assert.equal(after("connect-failure", "connection_timeout", false, 0), "retry");
  assert.equal(after("connect-failure", "connection_termination", true, 0), "no");
  assert.equal(after("reset-before-request", "remote_reset", false, 0), "retry");
  assert.equal(after("reset-before-request", "remote_reset", true, 0), "no");
  assert.equal(after("refused-stream", "remote_refused_stream_reset", true, 0), "retry");
  assert.equal(after("refused-stream", "remote_reset", true, 0), "no");
  assert.equal(after("reset", "local_reset", true, 0), "retry");
  assert.equal(after("5xx,reset,reset-before-request", "overflow", false, 0), "no");
});

void test("so many retries, then the limit; a success behind one counts, and each when it is made", () => {
  const { state, stat, retries, cluster } = rig({ on: "5xx", retriesMax: 2 });
  assert.equal(state!.afterHeaders(response(503), 0), "retry");
  assert.deepEqual([state!.waiting, stat("upstream_rq_retry")], [true, 0]);
  assert.equal(cluster.breakers.default.count(Resource.Retries), 1);
  state!.onTimer();
  assert.deepEqual([retries(), stat("upstream_rq_retry")], [1, 1]);
  assert.equal(state!.afterHeaders(response(503), 0), "retry");
  assert.equal(state!.afterHeaders(response(503), 0), "limit_exceeded");
  assert.equal(stat("upstream_rq_retry_limit_exceeded"), 1);
  assert.equal(stat("upstream_rq_retry_success"), 0);
  assert.equal(state!.afterHeaders(response(200), 0), "no");
  assert.equal(stat("upstream_rq_retry_success"), 1);
  state!.close();
  assert.equal(cluster.breakers.default.count(Resource.Retries), 0);
});

void test("a breaker that is open keeps retries back", () => {
  const { state, stat } = rig({ on: "5xx", thresholds: { maxRetries: 0 } });
  assert.equal(state!.afterHeaders(response(503), 0), "overflow");
  assert.equal(stat("upstream_rq_retry_overflow"), 1);
  assert.equal(state!.waiting, false);
});

void test("a budget counts the request that asks, also when it has just ended", () => {
  const retryBudget = { budgetPercent: 100, minRetryConcurrency: 0 };
  const ended = (places: 0 | 1): string =>
    rig({ on: "5xx", thresholds: { retryBudget } }).state!.afterHeaders(response(503), places);
  assert.deepEqual([ended(1), ended(0)], ["retry", "overflow"]);
});

void test("the runtime may keep retries back", () => {
  const { state, worker, cluster } = rig({ on: "5xx" });
  worker.runtime.swap(new Map([["upstream.use_retry", { raw: "0", uint: 0 }]]));
  assert.equal(state!.afterHeaders(response(503), 0), "no");
  assert.equal(cluster.breakers.default.count(Resource.Retries), 0);
});

void test("a sender's wishes are added to the policy, and its number is the one that counts", () => {
  const asked = { on: parseRetryOn("reset"), retriesMax: 0, statusCodes: [418] };
  const { state } = rig({ on: "retriable-status-codes", statusCodes: [404], retriesMax: 3, asked });
  assert.deepEqual(
    [state!.wouldRetry(response(404)), state!.wouldRetry(response(418))],
    [true, true],
  );
  assert.equal(state!.afterReset("remote_reset", true, 0), "limit_exceeded");
});

void test("without conditions there is nothing, unless somebody tried to ask", () => {
  assert.equal(rig({}).state, null);
  assert.equal(rig({ asked: { retriesMax: 3 } }).state, null);
  assert.equal(rig({ asked: { on: 0 } }).state!.enabled, false);
});

void test("requests without any of the headers are not retried", () => {
  const requestHeaders = [
    { name: "x-a", invert: false, missingAsEmpty: false, test: { kind: "present", present: true } },
  ] as const;
  assert.equal(rig({ on: "5xx", requestHeaders }).state!.enabled, false);
});

void test("the pause is what the response asks for, a random one, or none for what came too early", () => {
  const rateLimited = {
    headers: [{ name: "retry-after", format: "seconds" as const }],
    maxIntervalMs: 10_000,
  };
  const counts = (on: string, head: HeaderMap): number[] => {
    const { state, stat } = rig({ on, rateLimited, statusCodes: [425] });
    assert.equal(state!.afterHeaders(head, 0), "retry");
    state!.onTimer();
    return [
      stat("upstream_rq_retry_backoff_ratelimited"),
      stat("upstream_rq_retry_backoff_exponential"),
    ];
  };
  assert.deepEqual(counts("5xx", response(503, "retry-after", "2")), [1, 0]);
  assert.deepEqual(counts("5xx", response(503, "retry-after", "11")), [0, 1]);
  assert.deepEqual(counts("5xx", response(503)), [0, 1]);
  assert.deepEqual(counts("retriable-status-codes", response(425)), [0, 0]);
});
