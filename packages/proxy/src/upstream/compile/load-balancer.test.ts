import assert from "node:assert/strict";
import { test } from "node:test";
import type { ScopeSlots } from "../../observe/stats/definition.ts";
import type { LoadBalancerConfig } from "../model.ts";
import { compileYaml } from "../testing/compile-yaml.ts";

function loadBalancerOf(yaml: string): LoadBalancerConfig {
  const { definitions, problems } = compileYaml(`- name: c\n${yaml}`);
  assert.deepEqual(
    problems.filter(({ severity }) => severity === "error"),
    [],
  );
  return definitions[0]!.config.loadBalancer;
}

const COMMON = { localityWeighted: false, healthyPanicThresholdPercent: 50 };
const LEAST = {
  algorithm: "least_request",
  choiceCount: 2,
  activeRequestBias: { value: 1 },
  fullScan: false,
  slowStart: null,
  ...COMMON,
};

void test("the enum's policies with their configurations", () => {
  assert.deepEqual(loadBalancerOf("  lb_policy: RANDOM"), { algorithm: "random", ...COMMON });
  assert.deepEqual(loadBalancerOf("  lb_policy: LEAST_REQUEST"), LEAST);
  assert.deepEqual(
    loadBalancerOf(`
  lb_policy: LEAST_REQUEST
  least_request_lb_config: { choice_count: 5, active_request_bias: { default_value: 0.5, runtime_key: k }, slow_start_config: { slow_start_window: 30s } }
  common_lb_config: { healthy_panic_threshold: { value: 33.6 }, locality_weighted_lb_config: {} }`),
    {
      algorithm: "least_request",
      choiceCount: 5,
      activeRequestBias: { value: 0.5, key: "k" },
      fullScan: false,
      slowStart: { windowMs: 30_000, aggression: { value: 1 }, minWeightPercent: 10 },
      localityWeighted: true,
      healthyPanicThresholdPercent: 34,
    },
  );
  assert.deepEqual(
    loadBalancerOf(`
  round_robin_lb_config: { slow_start_config: { slow_start_window: 1s, aggression: { default_value: -2, runtime_key: k }, min_weight_percent: { value: 0 } } }`),
    {
      algorithm: "round_robin",
      slowStart: { windowMs: 1000, aggression: { value: -2, key: "k" }, minWeightPercent: 0 },
      ...COMMON,
    },
  );
});

function typed(...types: readonly string[]): string {
  const policies = types.map(
    (type) =>
      `    - typed_extension_config: { name: x, typed_config: { "@type": type.googleapis.com/${type} } }`,
  );
  return `  load_balancing_policy:\n    policies:\n${policies.join("\n")}`;
}

const PREFIX = "envoy.extensions.load_balancing_policies";

void test("a typed policy wins over the enum", () => {
  const rows = [
    [
      `${PREFIX}.round_robin.v3.RoundRobin`,
      { algorithm: "round_robin", slowStart: null, ...COMMON },
    ],
    [`${PREFIX}.least_request.v3.LeastRequest`, LEAST],
    [`${PREFIX}.random.v3.Random`, { algorithm: "random", ...COMMON }],
  ] as const;
  for (const [type, expected] of rows) {
    assert.deepEqual(
      loadBalancerOf(`  lb_policy: LOAD_BALANCING_POLICY_CONFIG\n${typed(type)}`),
      expected,
    );
  }
});

void test("a typed policy's settings", () => {
  assert.deepEqual(
    loadBalancerOf(`
  load_balancing_policy:
    policies:
    - typed_extension_config:
        name: x
        typed_config:
          "@type": type.googleapis.com/${PREFIX}.least_request.v3.LeastRequest
          choice_count: 3
          selection_method: FULL_SCAN
          slow_start_config: { slow_start_window: 2s }
          locality_lb_config: { locality_weighted_lb_config: {} }`),
    {
      ...LEAST,
      choiceCount: 3,
      fullScan: true,
      slowStart: { windowMs: 2000, aggression: { value: 1 }, minWeightPercent: 10 },
      localityWeighted: true,
    },
  );
});

const HASHING = { useHostname: false, balanceFactorPercent: 0, ...COMMON };

void test("rings, by the enum and typed", () => {
  const ring = {
    algorithm: "ring_hash",
    hashFunction: "xx_hash",
    minimumSize: 1024,
    maximumSize: 8_388_608,
    ...HASHING,
  };
  const defaults = withoutScope(loadBalancerOf("  lb_policy: RING_HASH"));
  assert.deepEqual(defaults, [ring, "cluster.c.ring_hash_lb."]);
  const settings = `
  lb_policy: RING_HASH
  common_lb_config: { consistent_hashing_lb_config: { hash_balance_factor: 130 } }
  ring_hash_lb_config: { minimum_ring_size: 7, maximum_ring_size: 9, hash_function: MURMUR_HASH_2 }`;
  const changed = {
    ...ring,
    hashFunction: "murmur_hash_2",
    minimumSize: 7,
    maximumSize: 9,
    balanceFactorPercent: 130,
  };
  assert.deepEqual(withoutScope(loadBalancerOf(settings))[0], changed);
  const fields = `minimum_ring_size: 7, maximum_ring_size: 9, hash_function: MURMUR_HASH_2`;
  const own = typedWith("ring_hash.v3.RingHash", `${fields}, hash_balance_factor: 130`);
  assert.deepEqual(withoutScope(loadBalancerOf(own))[0], changed);
  const both = typedWith(
    "ring_hash.v3.RingHash",
    `${fields}, hash_balance_factor: 999, consistent_hashing_lb_config: { hash_balance_factor: 130 }`,
  );
  assert.deepEqual(withoutScope(loadBalancerOf(both))[0], changed);
});

void test("Maglev tables, by the enum and typed", () => {
  const maglev = { algorithm: "maglev", tableSize: 65_537, ...HASHING };
  const defaults = withoutScope(loadBalancerOf("  lb_policy: MAGLEV"));
  assert.deepEqual(defaults, [maglev, "cluster.c.maglev_lb."]);
  const small = withoutScope(
    loadBalancerOf("  lb_policy: MAGLEV\n  maglev_lb_config: { table_size: 7 }"),
  );
  assert.deepEqual(small[0], { ...maglev, tableSize: 7 });
  const full = typedWith(
    "maglev.v3.Maglev",
    `table_size: 7, locality_weighted_lb_config: {}, consistent_hashing_lb_config: { use_hostname_for_hashing: true,
       hash_policy: [{ header: { header_name: X-A }, terminal: true }, { cookie: { name: c, ttl: 1.5s, path: /p, attributes: [{ name: a }] } },
                     { query_parameter: { name: q } }, { filter_state: { key: k } }, { connection_properties: { source_ip: true } }, { connection_properties: {} }] }`,
  );
  assert.deepEqual(withoutScope(loadBalancerOf(full))[0], {
    ...maglev,
    tableSize: 7,
    localityWeighted: true,
    useHostname: true,
    hashPolicies: [
      { kind: "header", name: "x-a", terminal: true },
      {
        kind: "cookie",
        name: "c",
        generate: { maxAgeS: 1, path: "/p", attributes: [{ name: "a", value: "" }] },
      },
      { kind: "query_parameter", name: "q" },
      { kind: "filter_state", key: "k" },
      { kind: "source_ip" },
    ],
  });
});

/** The rest, and the prefix of the table's stats. */
function withoutScope(config: LoadBalancerConfig): [unknown, string] {
  const { tableScope, ...rest } = config as LoadBalancerConfig & { tableScope: ScopeSlots };
  return [rest, tableScope.prefix];
}

function typedWith(type: string, fields: string): string {
  const config = `{ "@type": type.googleapis.com/${PREFIX}.${type}, ${fields} }`;
  return `  load_balancing_policy: { policies: [{ typed_extension_config: { name: x, typed_config: ${config} } }] }`;
}

void test("a bias below 0 is warned of and taken as 1", () => {
  const { definitions, problems } = compileYaml(`- name: c
  lb_policy: LEAST_REQUEST
  least_request_lb_config: { active_request_bias: { default_value: -1, runtime_key: k } }`);
  assert.deepEqual(definitions[0]!.config.loadBalancer, {
    ...LEAST,
    activeRequestBias: { value: 1, key: "k" },
  });
  assert.deepEqual(
    problems.map(({ severity, path, message }) => [severity, path, message]),
    [
      [
        "warning",
        "static_resources.clusters[0].least_request_lb_config.active_request_bias",
        "expected 0 or more, got -1: 1.0 is used",
      ],
    ],
  );
});

void test("a policy that Envoy has and Nuncio does not is refused, though a known one follows", () => {
  const { problems } = compileYaml(
    `- name: c\n${typed(`${PREFIX}.pick_first.v3.PickFirst`, `${PREFIX}.random.v3.Random`)}`,
  );
  assert.equal(problems.filter(({ severity }) => severity === "error").length, 1);
  assert.match(
    problems[0]!.message,
    /not implemented yet: envoy\.extensions\.load_balancing_policies\.pick_first\.v3\.PickFirst/,
  );
});
