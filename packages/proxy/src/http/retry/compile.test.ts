import assert from "node:assert/strict";
import { test } from "node:test";
import { compileTable } from "../route/testing/route-table.ts";
import type { RetryPolicyConfig } from "./model.ts";
import { RetryOn } from "./retry-on.ts";

const EXTENSIONS = "type.googleapis.com/envoy.extensions.retry";

function compile(policy: string) {
  const { config, problems } = compileTable(
    `name: rc\nvirtual_hosts:\n- name: v\n  domains: ["*"]\n  retry_policy: { ${policy} }\n`,
  );
  const retryPolicy = config.virtualHosts[0]?.retryPolicy;
  return { policy: retryPolicy as RetryPolicyConfig, problems };
}

void test("what a policy leaves out is as in Envoy", () => {
  assert.deepEqual(compile("retry_on: 5xx"), {
    policy: {
      on: RetryOn.ServerError,
      retriesMax: 1,
      perTryTimeoutMs: 0,
      perTryIdleTimeoutMs: 0,
      statusCodes: [],
      responseHeaders: [],
      requestHeaders: [],
      hostPredicates: [],
      hostSelectionAttemptsMax: 1,
      prioritiesUpdateFrequency: 0,
    },
    problems: [],
  });
});

void test("pauses are whole milliseconds, one at least, and the longest is not below the first", () => {
  const { policy } = compile("retry_back_off: { base_interval: 0.0005s, max_interval: 2.0009s }");
  assert.deepEqual([policy.baseIntervalMs, policy.maxIntervalMs], [1, 2000]);
  assert.deepEqual(compile("retry_back_off: { base_interval: 2s, max_interval: 1s }").problems, [
    "5:virtual_hosts[0].retry_policy.retry_back_off.max_interval: retry_policy.max_interval must greater than or equal to the base_interval",
  ]);
});

void test("headers that ask for a pause", () => {
  const { policy } = compile(
    "rate_limited_retry_back_off: { reset_headers: [{ name: Retry-After }, { name: x, format: UNIX_TIMESTAMP }] }",
  );
  assert.deepEqual(policy.rateLimited, {
    headers: [
      { name: "retry-after", format: "seconds" },
      { name: "x", format: "unix_timestamp" },
    ],
    maxIntervalMs: 300_000,
  });
});

void test("extensions are known by their messages", () => {
  const { policy, problems } = compile(`
    retry_host_predicate: [
      { name: a, typed_config: { "@type": ${EXTENSIONS}.host.previous_hosts.v3.PreviousHostsPredicate } },
      { name: b, typed_config: { "@type": ${EXTENSIONS}.host.omit_canary_hosts.v3.OmitCanaryHostsPredicate } },
      { name: c, typed_config: { "@type": ${EXTENSIONS}.host.omit_host_metadata.v3.OmitHostMetadataConfig, metadata_match: { filter_metadata: { envoy.lb: { a: 1 } } } } }],
    retry_priority: { name: d, typed_config: { "@type": ${EXTENSIONS}.priority.previous_priorities.v3.PreviousPrioritiesConfig, update_frequency: 2 } },
    host_selection_retry_max_attempts: 7`);
  assert.deepEqual(problems, []);
  assert.deepEqual(policy.hostPredicates, [
    { kind: "previous_hosts" },
    { kind: "omit_canary_hosts" },
    { kind: "omit_host_metadata", labels: { a: 1 } },
  ]);
  assert.deepEqual([policy.prioritiesUpdateFrequency, policy.hostSelectionAttemptsMax], [2, 7]);
});

void test("extensions that do not exist are refused where they stand", () => {
  const ends = (policy: string): string[] => compile(policy).problems.map((text) => text.slice(2));
  const missing = "Didn't find a registered implementation for 'x' with type URL: ''";
  assert.deepEqual(ends("retry_host_predicate: [{ name: x }]"), [
    `virtual_hosts[0].retry_policy.retry_host_predicate[0].name: ${missing}`,
  ]);
  assert.deepEqual(ends("retry_priority: { name: x }"), [
    `virtual_hosts[0].retry_policy.retry_priority.name: ${missing}`,
  ]);
  assert.deepEqual(ends("retry_options_predicates: [{ name: x }]").at(-1)?.endsWith(missing), true);
});
