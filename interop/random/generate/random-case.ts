import fc, { type Arbitrary } from "fast-check";
import type { DiffCase, Setup, Step } from "../../diff/case.ts";
import type { Config } from "../../diff/config-value.ts";
import { answers, faultyAnswers } from "./answers.ts";
import { wordsOf } from "./config-words.ts";
import { maybe, message } from "./fields.ts";
import { hcmOptions } from "./hcm-options.ts";
import { logFields } from "./header-edits.ts";
import { httpFilters } from "./http-filters.ts";
import { requestFor } from "./requests.ts";
import { tableOptions, virtualHosts } from "./route-table.ts";
import { scopedRoutes } from "./scopes.ts";

const SCOPED_PERCENT = 6;
/** Of a hundred cases, those whose requests share one connection. */
const SHARED_PERCENT = 25;

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
  .tuple(
    hcmOptions,
    routing,
    message({
      http_filters: httpFilters,
      router: maybe(8, fc.constant({ suppress_envoy_headers: true })),
      upstream: answers,
      log: maybe(25, logFields),
      upstreams: faultyAnswers.map((two) => ({ two })),
    }),
  )
  .map(([options, routes, rest]) => ({
    hcm: { ...options, ...routes },
    clusters: { two: {} },
    ...rest,
  }));

/** A configuration and so many requests for it. */
function caseWith(requests: number): Arbitrary<{ own: Setup; steps: Step[] }> {
  return setup.chain((own) =>
    fc
      .tuple(
        fc.array(requestFor(wordsOf(own.hcm)), { minLength: requests, maxLength: requests }),
        maybe(SHARED_PERCENT, fc.constant(true)),
      )
      .map(([steps, shared]) => ({
        own,
        steps: steps.map((step, index) => (shared === true ? step : { on: index + 1, ...step })),
      })),
  );
}

/** Cases out of a seed: the same seed gives the same ones. Their names are `random/SEED.NUMBER`. */
export function randomCases(seed: number, count: number, requests: number): DiffCase[] {
  return fc.sample(caseWith(requests), { seed, numRuns: count }).map(({ own, steps }, index) => ({
    name: `random/${seed}.${String(index + 1).padStart(3, "0")}`,
    ...own,
    steps,
  }));
}
