import fc, { type Arbitrary } from "fast-check";
import type { DiffCase, Setup, Step } from "../../diff/case.ts";
import type { Config } from "../../diff/config-value.ts";
import { answers, faultyAnswers, withoutChance } from "./answers.ts";
import { wordsOf } from "./config-words.ts";
import { maybe, message } from "./fields.ts";
import { hcmOptions } from "./hcm-options.ts";
import { logFields } from "./header-edits.ts";
import { httpFilters } from "./http-filters.ts";
import { overHttp2, REQUEST_NUMBER } from "./http2-steps.ts";
import { isUpHttp2, protocols } from "./protocols.ts";
import { requestFor } from "./requests.ts";
import { tableOptions, virtualHosts } from "./route-table.ts";
import { scopedRoutes } from "./scopes.ts";

const SCOPED_PERCENT = 6;
/** Of a hundred cases, those whose requests share one connection; over HTTP/2 that is where things happen. */
const SHARED_PERCENT = { http1: 25, http2: 65 };

/** Where the routes come from: one table, or scopes. */
const routing: Arbitrary<Config> = fc.oneof(
  {
    weight: 100 - SCOPED_PERCENT,
    arbitrary: fc.tuple(tableOptions, virtualHosts).map(([options, virtual_hosts]) => ({
      route_config: { name: "routes", ...options, virtual_hosts },
    })),
  },
  {
    weight: SCOPED_PERCENT,
    arbitrary: scopedRoutes.map((scoped_routes) => ({ route_config: null, scoped_routes })),
  },
);

const setup: Arbitrary<Setup> = fc
  .tuple(protocols, hcmOptions, routing)
  .chain(([{ hcm, ...spoken }, options, routes]) =>
    message({
      http_filters: httpFilters,
      router: maybe(8, fc.constant({ suppress_envoy_headers: true })),
      upstream: answers(isUpHttp2(spoken)),
      log: maybe(25, logFields),
      upstreams: faultyAnswers(spoken.upstream_protocol !== undefined).map((two) => ({ two })),
    }).map((rest) => ({
      ...spoken,
      hcm: { ...options, ...routes, ...hcm },
      clusters: { two: {} },
      ...rest,
    })),
  );

/** A configuration and so many requests for it. */
function caseWith(requests: number): Arbitrary<{ own: Setup; steps: Step[] }> {
  return setup.chain((own) => {
    const list = fc.array(requestFor(wordsOf(own.hcm)), {
      minLength: requests,
      maxLength: requests,
    });
    return own.client === undefined ? overHttp1(own, list) : http2Case(own, list);
  });
}

function overHttp1(
  own: Setup,
  requests: Arbitrary<Step[]>,
): Arbitrary<{ own: Setup; steps: Step[] }> {
  return fc
    .tuple(requests, maybe(SHARED_PERCENT.http1, fc.constant(true)))
    .map(([steps, shared]) => ({
      own,
      steps: steps.map((step, index) => (shared === true ? step : { on: index + 1, ...step })),
    }));
}

function http2Case(
  own: Setup,
  requests: Arbitrary<Step[]>,
): Arbitrary<{ own: Setup; steps: Step[] }> {
  return fc
    .tuple(requests, maybe(SHARED_PERCENT.http2, fc.constant(true)))
    .chain(([list, shared]) => overHttp2(list, shared === true))
    .map((steps) => ({
      own: steps.some(({ together }) => together === true) ? inAnyOrder(own) : own,
      steps,
    }));
}

/** Which of several requests comes first must decide nothing. */
function inAnyOrder(own: Setup): Setup {
  return {
    ...own,
    order_by: REQUEST_NUMBER,
    log: { ...own.log, [REQUEST_NUMBER]: `%REQ(${REQUEST_NUMBER})%` },
    upstream: withoutChance(own.upstream!),
    upstreams: { two: withoutChance(own.upstreams!["two"]!) },
  };
}

/** Cases out of a seed: the same seed gives the same ones. Their names are `random/SEED.NUMBER`. */
export function randomCases(seed: number, count: number, requests: number): DiffCase[] {
  return fc.sample(caseWith(requests), { seed, numRuns: count }).map(({ own, steps }, index) => ({
    name: `random/${seed}.${String(index + 1).padStart(3, "0")}`,
    ...own,
    steps,
  }));
}
