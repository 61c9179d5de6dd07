import assert from "node:assert/strict";
import { test } from "node:test";
import { explanationText } from "./explanation-text.ts";
import type { Explanation } from "./model.ts";
import { bootstrapOf, explainerOf, type BootstrapParts } from "./testing/explainer.ts";
import { noPaint } from "./text-tree.ts";

const ONE_CLUSTER = { a: 1001 };

function explain(
  parts: BootstrapParts,
  path: string,
  headers: readonly (readonly [string, string])[] = [],
): Explanation {
  return explainerOf(bootstrapOf(parts)).explain({ url: `http://h.com:8080${path}`, headers });
}

void test("tells why routes refuse, where they stand, and what the upstream gets", () => {
  const { routes, outcomes } = explain(
    {
      routes: `virtual_hosts:
- name: v
  domains: ["*"]
  routes:
  - match: { path: /b }
    route: { cluster: a }
  - name: by_header
    match: { prefix: /, headers: [{ name: x-k, string_match: { exact: "1" } }] }
    route: { cluster: a }
  - name: rest
    match: { prefix: /p }
    route: { cluster: a, prefix_rewrite: /q, host_rewrite_literal: up.example, timeout: 3s }`,
      clusters: ONE_CLUSTER,
    },
    "/p/x?y=1",
    [["x-k", "2"]],
  );
  assert.deepEqual(
    routes.map(({ name, verdict, checks, place }) => [name, verdict, checks.at(-1), place?.line]),
    [
      [
        "",
        "refused",
        { criterion: "path", wanted: 'path "/b"', seen: '"/p/x?y=1"', held: false },
        17,
      ],
      [
        "by_header",
        "refused",
        { criterion: "headers", wanted: 'x-k exact "1"', seen: '"2"', held: false },
        19,
      ],
      [
        "rest",
        "taken",
        { criterion: "prefix", wanted: 'prefix "/p"', seen: '"/p/x?y=1"', held: true },
        22,
      ],
    ],
  );
  const [outcome, ...others] = outcomes;
  assert.equal(others.length, 0);
  assert.equal(outcome!.route!.timeouts["timeout_ms"], 3000);
  const { host, path, endpoints, changes } = outcome!.upstream[0]!;
  assert.deepEqual([host, path], ["up.example", "/q/x?y=1"]);
  assert.deepEqual(
    endpoints.map(({ address, health }) => [address, health]),
    [["127.0.0.1:1001", "healthy"]],
  );
  assert.ok(
    changes.some(({ name, after }) => name === "x-envoy-original-path" && after === "/p/x?y=1"),
  );
});

void test("tells all that chance can do, with its share", () => {
  const { outcomes, routes } = explain(
    {
      routes: `virtual_hosts:
- name: v
  domains: ["*"]
  routes:
  - name: some
    match: { prefix: /, runtime_fraction: { default_value: { numerator: 20 } } }
    route: { cluster: a }
  - name: others
    match: { prefix: / }
    route: { weighted_clusters: { clusters: [{ name: a, weight: 1 }, { name: b, weight: 3 }] } }`,
      clusters: { a: 1, b: 2 },
    },
    "/",
  );
  assert.deepEqual(
    routes.map(({ name, verdict, probability }) => [name, verdict, probability]),
    [
      ["some", "chance", 0.2],
      ["others", "taken", 0.8],
    ],
  );
  const shares = outcomes.map(({ probability, route, upstream }) => [
    Math.round(probability * 100),
    route!.name,
    upstream[0]!.cluster,
  ]);
  assert.deepEqual(shares, [
    [60, "others", "b"],
    [20, "some", "a"],
    [20, "others", "a"],
  ]);
});

void test("tells what the connection manager does to a request first", () => {
  const { manager, outcomes } = explain(
    {
      hcm: `use_remote_address: true
normalize_path: true
merge_slashes: true
strip_any_host_port: true`,
      routes: `virtual_hosts:
- name: v
  domains: [h.com]
  routes: [{ match: { path: /b/c }, direct_response: { status: 204 } }]`,
    },
    "/a/..//b//c",
    [["x-envoy-retry-on", "5xx"]],
  );
  const changes = manager!.changes.map(({ name, before, after }) => `${name} ${before} ${after}`);
  assert.ok(changes.includes(":path /a/..//b//c /b/c"), changes.join("\n"));
  assert.ok(changes.includes(":authority h.com:8080 h.com"));
  assert.ok(changes.includes("x-envoy-retry-on 5xx null"));
  assert.ok(changes.includes("x-forwarded-for null 10.0.0.7"));
  assert.equal(manager!.internal, false);
  assert.equal(outcomes[0]!.response!.status, 204);
});

void test("tells answers that are made before a route is looked for", () => {
  const { virtualHost, routes, outcomes } = explain(
    {
      hcm: "normalize_path: true",
      routes: `virtual_hosts: [{ name: v, domains: ["*"], routes: [] }]`,
    },
    "/%00",
  );
  assert.equal(virtualHost, null);
  assert.deepEqual(routes, []);
  assert.deepEqual(
    [outcomes[0]!.response!.status, outcomes[0]!.response!.details],
    [400, "path_normalization_failed"],
  );
});

void test("tells of hosts without a virtual host, and of routes that are not there", () => {
  const parts = {
    routes: `virtual_hosts:
- { name: exact, domains: [h.com], routes: [{ match: { path: /x }, route: { cluster: a } }] }
- { name: wild, domains: ["*.com", "h*"], routes: [] }`,
    clusters: ONE_CLUSTER,
  };
  const explainer = explainerOf(bootstrapOf(parts));
  const none = explainer.explain({ url: "http://else.org:8080/" });
  assert.equal(none.virtualHost!.how, "none");
  assert.deepEqual(
    [none.outcomes[0]!.response!.status, none.outcomes[0]!.response!.flags],
    [404, "NR"],
  );
  const exact = explainer.explain({ url: "http://h.com:8080/", headers: [["Host", "H.com"]] });
  assert.deepEqual([exact.virtualHost!.name, exact.virtualHost!.how], ["exact", "exact"]);
  assert.deepEqual(
    exact.virtualHost!.candidates.map(({ why }) => why),
    ["the suffix *.com is less specific", "the prefix h* is less specific"],
  );
  assert.deepEqual(
    [exact.outcomes[0]!.route, exact.outcomes[0]!.response!.details],
    [null, "route_not_found"],
  );
});

void test("names a cluster that is not there", () => {
  const { outcomes } = explain(
    {
      routes: `virtual_hosts:
- name: v
  domains: ["*"]
  routes: [{ match: { prefix: / }, route: { cluster_header: x-c } }]`,
    },
    "/",
    [["x-c", "nowhere"]],
  );
  const { status, flags, missingCluster } = outcomes[0]!.response!;
  assert.deepEqual([status, flags, missingCluster], [503, "NC", "nowhere"]);
});

void test("tells which HTTP filters run, and what they change", () => {
  const type =
    "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation";
  const filter = (name: string, disabled: boolean): string => `- name: ${name}
  disabled: ${disabled}
  typed_config:
    "@type": ${type}
    mutations: { request_mutations: [{ append: { header: { key: x-${name}, value: "1" } } }] }`;
  const { outcomes } = explain(
    {
      filters: [filter("one", false), filter("two", true), filter("three", false)].join("\n"),
      routes: `virtual_hosts:
- name: v
  domains: ["*"]
  routes:
  - match: { prefix: / }
    route: { cluster: a }
    typed_per_filter_config:
      three: { "@type": type.googleapis.com/envoy.config.route.v3.FilterConfig, disabled: true }`,
      clusters: ONE_CLUSTER,
    },
    "/",
  );
  assert.deepEqual(
    outcomes[0]!.filters.map(({ name, runs, why, changes }) => [
      name,
      runs,
      why,
      changes.map((change) => change.name),
    ]),
    [
      ["one", true, "", ["x-one"]],
      ["two", false, "disabled", []],
      ["three", false, "disabled by typed_per_filter_config", []],
      ["router", true, "", []],
    ],
  );
});

void test("a redirect to TLS stands before all routes", () => {
  const { outcomes, routes } = explain(
    {
      routes: `virtual_hosts:
- name: v
  domains: ["*"]
  require_tls: ALL
  routes: [{ match: { prefix: / }, direct_response: { status: 200 } }]`,
    },
    "/x",
  );
  assert.deepEqual(routes, []);
  assert.equal(outcomes[0]!.route!.kind, "tls_redirect");
  assert.deepEqual(
    outcomes[0]!.response!.headers.find(([name]) => name === "location"),
    ["location", "https://h.com:8080/x"],
  );
});

void test("tells of a retry policy, and of the time of each attempt", () => {
  const routes = `virtual_hosts:
- name: v
  domains: ["*"]
  retry_policy: { retry_on: "unavailable,5xx", num_retries: 2, per_try_timeout: 1s }
  routes:
  - match: { prefix: / }
    route: { cluster: a }`;
  const explanation = explain({ routes, clusters: ONE_CLUSTER }, "/");
  const { retries, timeouts } = explanation.outcomes[0]!.route!;
  assert.deepEqual(retries, { on: ["5xx", "unavailable"], max: 2 });
  assert.deepEqual([timeouts["timeout_ms"], timeouts["per_try_timeout_ms"]], [15_000, 1000]);
  const text = explanationText(explanation, { paint: noPaint, allRoutes: false });
  assert.match(text, /timeout 15000 ms, per_try_timeout 1000 ms, /);
  assert.match(text, /─ is sent again on 5xx, unavailable, 2 times at most\n/);
});

void test("cuts long runs of routes for other paths, unless all are asked for", () => {
  const routes = Array.from(
    { length: 40 },
    (_, i) => `  - { match: { path: /${i} }, direct_response: { status: 200 } }`,
  );
  const explanation = explain(
    {
      routes: ["virtual_hosts:", "- name: v", '  domains: ["*"]', "  routes:", ...routes].join(
        "\n",
      ),
    },
    "/39",
  );
  const text = explanationText(explanation, { paint: noPaint, allRoutes: false });
  assert.match(
    text,
    /✗ #8 path "\/7": seen "\/39" {2}e\.yaml:\d+\n│ {2}├─ … 27 more routes, all for other paths\n│ {2}├─ ✗ #36 /,
  );
  const all = explanationText(explanation, { paint: noPaint, allRoutes: true });
  assert.equal(all.match(/✗ #/g)!.length, 39);
});

void test("finds the route table by scope", () => {
  const scope = (key: string, status: number): string => `- name: ${key}
  key: { fragments: [{ string_key: ${key} }] }
  route_configuration:
    virtual_hosts:
    - { name: v, domains: ["*"], routes: [{ name: ${key}, match: { prefix: / }, direct_response: { status: ${status} } }] }`;
  const yaml = bootstrapOf({ routes: "virtual_hosts: []" }).replace(
    /route_config:\n.*\n/,
    `scoped_routes:
            name: s
            scope_key_builder:
              fragments: [{ header_value_extractor: { name: x-s, element: { separator: "=", key: k }, element_separator: ";" } }]
            scoped_route_configurations_list:
              scoped_route_configurations:
${[scope("one", 201), scope("two", 202)].join("\n").replaceAll(/^/gm, "              ")}
`,
  );
  const explainer = explainerOf(yaml);
  const of = (value: string): Explanation =>
    explainer.explain({ url: "http://h:8080/", headers: [["x-s", value]] });
  const two = of("a=b;k=two");
  assert.deepEqual([two.scope!.found, two.scope!.key], [true, ["two"]]);
  assert.deepEqual([two.outcomes[0]!.route!.name, two.outcomes[0]!.response!.status], ["two", 202]);
  assert.match(yaml.split("\n")[two.routes[0]!.place!.line - 1]!, /name: two/);
  const none = of("k=three");
  assert.deepEqual([none.scope!.found, none.virtualHost], [false, null]);
  assert.equal(none.outcomes[0]!.response!.flags, "NR");
  assert.equal(of("nothing").scope!.key, null);
});

void test("tells of mirrors beside the request itself", () => {
  const { outcomes } = explain(
    {
      routes: `virtual_hosts:
- name: v
  domains: ["*"]
  routes: [{ match: { prefix: / }, route: { cluster: a, request_mirror_policies: [{ cluster: b }] } }]`,
      clusters: { a: 1, b: 2 },
    },
    "/",
  );
  const hosts = outcomes[0]!.upstream.map(({ cluster, host }) => `${cluster} ${host}`);
  assert.deepEqual(hosts.toSorted(), ["a h.com:8080", "b h.com-shadow:8080"]);
});

void test("tells what becomes of an upgrade and of CONNECT", () => {
  const parts = {
    hcm: "upgrade_configs: [{ upgrade_type: websocket }, { upgrade_type: CONNECT }]",
    routes: `virtual_hosts:
- name: v
  domains: ["*"]
  routes:
  - { name: tunnel, match: { connect_matcher: {} }, route: { cluster: a } }
  - { name: rest, match: { prefix: / }, route: { cluster: a } }`,
    clusters: ONE_CLUSTER,
  };
  const explainer = explainerOf(bootstrapOf(parts));
  const upgrade = explainer.explain({
    url: "http://h:8080/",
    headers: [
      ["connection", "upgrade"],
      ["upgrade", "websocket"],
    ],
  });
  const { upstream } = upgrade.outcomes[0]!;
  assert.ok(
    upstream[0]!.headers.some(([name, value]) => name === "upgrade" && value === "websocket"),
  );
  const connect = explainer.explain({ method: "CONNECT", url: "http://h:8080/" });
  assert.equal(connect.outcomes[0]!.route!.name, "tunnel");
  assert.deepEqual(
    connect.routes.map(({ path, verdict }) => [path, verdict]),
    [["connect_matcher", "taken"]],
  );
});

void test("looks for the host where vhost_header says it is", () => {
  const explainer = explainerOf(
    bootstrapOf({
      routes: `vhost_header: x-host
virtual_hosts: [{ name: v, domains: ["*", other], routes: [{ match: { prefix: / }, direct_response: { status: 204 } }] }]`,
    }),
  );
  const there = explainer.explain({ url: "http://h:8080/", headers: [["x-host", "up"]] });
  assert.equal(there.virtualHost!.why, 'the catch-all * takes "up"');
  const missing = explainer.explain({ url: "http://h:8080/" });
  assert.equal(missing.virtualHost!.why, "the header of vhost_header is missing");
  assert.equal(missing.outcomes[0]!.response!.flags, "NR");
});

void test("the short form has the same outcomes", () => {
  const route = (more: string): string => `virtual_hosts:
- name: v
  domains: ["*"]
  routes:
  - { name: one, match: { path: /one ${more} }, direct_response: { status: 200 } }
  - name: two
    match: { prefix: / }
    route: { weighted_clusters: { clusters: [{ name: a, weight: 1 }, { name: a, weight: 2 }] } }`;
  for (const more of ["", ", runtime_fraction: { default_value: { numerator: 25 } }"]) {
    const explainer = explainerOf(bootstrapOf({ routes: route(more), clusters: ONE_CLUSTER }));
    for (const path of ["/one", "/other"]) {
      const request = { url: `http://h:8080${path}` };
      const whole = explainer.explain(request);
      const short = explainer.explain(request, "outcomes");
      assert.deepEqual(short.outcomes, whole.outcomes);
      assert.deepEqual(short.routes, []);
    }
  }
});
