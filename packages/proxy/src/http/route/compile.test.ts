import assert from "node:assert/strict";
import { test } from "node:test";
import { compileTable } from "./testing/route-table.ts";

function problemsOf(yaml: string, clusters: readonly string[] | null = null): string[] {
  return compileTable(yaml, clusters).problems;
}

/** A table with one route, in flow style. */
function routeProblems(route: string, clusters: readonly string[] | null = null): string[] {
  return problemsOf(
    `name: rc\nvirtual_hosts:\n- name: v\n  domains: ["*"]\n  routes:\n  - ${route}\n`,
    clusters,
  );
}

function matchProblems(match: string): string[] {
  return routeProblems(`{ match: { ${match} }, route: { cluster: c } }`);
}

function actionProblems(action: string, clusters: readonly string[] | null = null): string[] {
  return routeProblems(`{ match: { prefix: / }, route: { ${action} } }`, clusters);
}

const ROUTE = "virtual_hosts[0].routes[0]";

void test("domains are unique over the table, whatever their case", () => {
  const hosts = (...domains: string[]): string[] =>
    problemsOf(
      `name: rc\nvirtual_hosts:\n${domains.map((list, i) => `- { name: v${i}, domains: [${list}] }\n`).join("")}`,
    );
  assert.deepEqual(hosts("'*'", "a, '*'"), [
    "4:virtual_hosts[1].domains[1]: Only a single wildcard domain is permitted in route rc",
  ]);
  assert.deepEqual(hosts("A.com, b.com", "a.com"), [
    "4:virtual_hosts[1].domains[0]: Only unique values for domains are permitted. Duplicate entry of domain a.com in route rc",
  ]);
  assert.deepEqual(hosts("'*.com'", "'*.com'"), [
    "4:virtual_hosts[1].domains[0]: Only unique values for domains are permitted. Duplicate entry of domain *.com in route rc",
  ]);
  assert.deepEqual(hosts("a.com, a.*, '*.com'", "a.*.com, '*x.*', b.com"), []);
});

void test("an expression that RE2 refuses is refused in RE2's words", () => {
  for (const [regex, words] of [
    ["/a(", "missing ): /a("],
    ["/a(?=b)", "invalid perl operator: (?="],
    ["/a[b", "missing ]: [b"],
    ["*", "no argument for repetition operator: *"],
    ["/a**", "bad repetition operator: **"],
    ["/a{1001}", "invalid repetition size: {1001}"],
    ["/a\\y", "invalid escape sequence: \\y"],
    ["/a\\", "trailing \\"],
    ["/[b-a]", "invalid character class range: b-a"],
    ["/a)", "unexpected ): /a)"],
    ["(?P<n)", "invalid named capture group: (?P<n)"],
    ["[[:foo:]]", "invalid character class range: [:foo:]"],
  ] as const) {
    assert.deepEqual(matchProblems(`safe_regex: { regex: '${regex}' }`), [
      `6:${ROUTE}.match.safe_regex.regex: ${words}`,
    ]);
  }
  assert.deepEqual(matchProblems("safe_regex: { regex: '(?<n>a)\\C' }"), []);
  assert.deepEqual(
    matchProblems("prefix: /, headers: [{ name: x, string_match: { safe_regex: { regex: ( } } }]"),
    [`6:${ROUTE}.match.headers[0].string_match.safe_regex.regex: missing ): (`],
  );
  assert.deepEqual(
    matchProblems(
      "prefix: /, headers: [{ name: x, string_match: { safe_regex: { regex: a }, ignore_case: true } }]",
    ),
    [
      `6:${ROUTE}.match.headers[0].string_match.ignore_case: ignore_case has no effect for safe_regex.`,
    ],
  );
});

void test("routes name clusters that exist, unless validate_clusters is off", () => {
  assert.deepEqual(actionProblems("cluster: nope", ["up"]), [
    `6:${ROUTE}.route.cluster: route: unknown cluster 'nope'`,
  ]);
  assert.deepEqual(actionProblems("cluster: up", ["up"]), []);
  assert.deepEqual(actionProblems("cluster: nope"), [], "clusters are not known yet");
  assert.deepEqual(
    actionProblems("weighted_clusters: { clusters: [{ name: nope, weight: 1 }] }", ["up"]),
    [`6:${ROUTE}.route.weighted_clusters.clusters[0].name: route: unknown weighted cluster 'nope'`],
  );
  const off =
    "validate_clusters: false\nvirtual_hosts: [{ name: v, domains: [a], routes: [{ match: { prefix: / }, route: { cluster: nope } }] }]";
  assert.deepEqual(problemsOf(off, ["up"]), []);
});

void test("weighted clusters need a weight, a name or a header, and a sum above 0", () => {
  const weighted = (clusters: string): string[] =>
    actionProblems(`weighted_clusters: { clusters: [${clusters}] }`).map((text) =>
      text.slice(text.indexOf(": ") + 2),
    );
  assert.deepEqual(weighted("{ name: a, weight: 0 }"), [
    "Sum of weights in the weighted_cluster must be greater than 0.",
  ]);
  assert.deepEqual(weighted("{ name: a }, { name: b, weight: 1 }"), ["Field 'weight' is missing"]);
  assert.deepEqual(weighted("{ name: a, cluster_header: x, weight: 1 }"), [
    "Only one of name or cluster_header can be specified",
  ]);
  assert.deepEqual(weighted("{ weight: 1 }"), [
    "At least one of name or cluster_header need to be specified",
  ]);
  assert.deepEqual(weighted("{ name: a, weight: 4294967295 }, { name: b, weight: 1 }"), [
    "The sum of weights of all weighted clusters of route  exceeds 4294967295",
  ]);
});

void test("a path is rewritten in one way only", () => {
  assert.deepEqual(
    actionProblems(
      "cluster: c, prefix_rewrite: /, regex_rewrite: { pattern: { regex: a }, substitution: b }",
    ),
    [
      `6:${ROUTE}.route.regex_rewrite: Specify only one of prefix_rewrite, regex_rewrite or path_rewrite_policy`,
    ],
  );
});

void test("a direct response is within the limit", () => {
  const body = (source: string, limit = ""): string[] =>
    problemsOf(
      `${limit}virtual_hosts: [{ name: v, domains: [a], routes: [{ match: { prefix: / }, direct_response: { status: 200, body: { ${source} } } }] }]`,
    ).map((text) => text.slice(text.indexOf(": ") + 2));
  assert.deepEqual(body(`inline_string: ${"x".repeat(4097)}`), [
    "response body size is 4097 bytes; maximum is 4096",
  ]);
  assert.deepEqual(
    body(`inline_string: ${"x".repeat(4097)}`, "max_direct_response_body_size_bytes: 4097\n"),
    [],
  );
  assert.deepEqual(body("filename: /does/not/exist"), ["file /does/not/exist does not exist"]);
  assert.deepEqual(body("environment_variable: NUNCIO_NOT_SET"), [
    "Environment variable doesn't exist: NUNCIO_NOT_SET",
  ]);
  assert.deepEqual(body('inline_bytes: "/w=="'), []);
});

void test("typed_per_filter_config is compiled by the filter of its type", () => {
  const scope = (any: string): ReturnType<typeof compileTable> =>
    compileTable(`typed_per_filter_config: { f: ${any} }\n`);
  const type = "type.googleapis.com/envoy.extensions.filters.http";
  const wrapper = '"@type": type.googleapis.com/envoy.config.route.v3.FilterConfig';

  const { config, problems } = scope(
    `{ "@type": ${type}.buffer.v3.BufferPerRoute, disabled: true }`,
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(config.perFilter?.["f"], {
    disabled: false,
    config: { type: "envoy.extensions.filters.http.buffer.v3.Buffer", plain: 0 },
  });
  assert.deepEqual(scope(`{ ${wrapper}, disabled: true }`).config.perFilter?.["f"], {
    disabled: true,
    config: null,
  });
  assert.deepEqual(scope(`{ ${wrapper}, config: {} }`).config.perFilter?.["f"], {
    disabled: false,
    config: null,
  });
  const wrapped = scope(
    `{ ${wrapper}, config: { "@type": ${type}.buffer.v3.BufferPerRoute, disabled: true } }`,
  );
  assert.equal(
    wrapped.config.perFilter?.["f"]?.config?.type,
    "envoy.extensions.filters.http.buffer.v3.Buffer",
  );

  assert.deepEqual(scope(`{ ${wrapper} }`).problems, [
    '1:typed_per_filter_config["f"]: Empty route/virtual host per filter configuration for f filter',
  ]);
  assert.deepEqual(scope(`{ "@type": ${type}.cors.v3.Cors }`).problems, [
    '1:typed_per_filter_config["f"]: The filter f doesn\'t support virtual host or route specific configurations',
  ]);
  assert.deepEqual(
    scope('{ "@type": type.googleapis.com/google.protobuf.StringValue, value: x }').problems,
    [
      "1:typed_per_filter_config[\"f\"]: Didn't find a registered implementation for 'f' with type URL: 'google.protobuf.StringValue'",
    ],
  );
});

void test("cors of a route is checked", () => {
  const problems = (regex: string): string[] =>
    actionProblems(
      `cluster: c, cors: { allow_origin_string_match: [{ safe_regex: { regex: "${regex}" } }] }`,
      ["c"],
    );
  assert.deepEqual(problems("a"), []);
  assert.equal(problems("(").length, 1);
});

void test("what is not implemented is refused by name", () => {
  const cases: readonly (readonly [action: string, field: string])[] = [
    [
      "cluster: c, retry_policy: { refresh_cluster_on_retry: true }",
      "RetryPolicy.refresh_cluster_on_retry",
    ],
    ["cluster: c, hedge_policy: { initial_requests: 2 }", "HedgePolicy.initial_requests"],
    [
      "cluster: c, hedge_policy: { additional_request_chance: { numerator: 1 } }",
      "HedgePolicy.additional_request_chance",
    ],
    [
      "cluster: c, retry_policy_typed_config: { '@type': type.googleapis.com/envoy.config.route.v3.RetryPolicy }",
      "RouteAction.retry_policy_typed_config",
    ],
  ];
  for (const [action, field] of cases) {
    const problems = actionProblems(action);
    assert.ok(
      problems.length > 0 && problems.every((text) => text.includes("not implemented yet")),
      action,
    );
    assert.ok(problems[0]!.endsWith(field), problems[0]!);
  }
});

void test("mirror policies name one cluster, by name or by header, and one that exists", () => {
  const problems = (policy: string): string[] =>
    actionProblems(`cluster: c, request_mirror_policies: [${policy}]`, ["c"]);
  assert.deepEqual(problems("{ cluster: c }, { cluster_header: x-c }"), []);
  assert.match(problems("{}")[0]!, /Exactly one of cluster or cluster_header/);
  assert.match(
    problems("{ cluster: c, cluster_header: x }")[0]!,
    /cluster_header: Only one of cluster 'c' or cluster_header 'x'/,
  );
  assert.match(problems("{ cluster: d }")[0]!, /cluster: route: unknown shadow cluster 'd'/);
});

void test("redirects are followed by one policy or by the fields before it, and copy no address", () => {
  const redirect = (fields: string): unknown => {
    const route = `{ match: { prefix: / }, route: { cluster: c, ${fields} } }`;
    const { config, problems } = compileTable(
      `name: rc\nvirtual_hosts:\n- { name: v, domains: ["*"], routes: [${route}] }\n`,
    );
    if (problems.length > 0) return problems[0]!.replace(/^.*: /, "");
    const { action } = config.virtualHosts[0]!.routes[0]!;
    return action.kind === "route" ? action.internalRedirect : undefined;
  };
  const defaults = {
    maxRedirects: 1,
    codes: [302],
    allowCrossScheme: false,
    headersToCopy: [],
    predicates: [],
  };
  assert.equal(redirect("timeout: 1s"), undefined);
  assert.deepEqual(redirect("internal_redirect_policy: {}"), defaults);
  assert.deepEqual(
    redirect("internal_redirect_policy: { redirect_response_codes: [200, 303, 307] }"),
    { ...defaults, codes: [303, 307] },
  );
  assert.deepEqual(redirect("internal_redirect_action: HANDLE_INTERNAL_REDIRECT"), defaults);
  assert.deepEqual(
    redirect("internal_redirect_action: HANDLE_INTERNAL_REDIRECT, max_internal_redirects: 3"),
    { ...defaults, maxRedirects: 3 },
  );
  for (const name of ["':path'", "Host"]) {
    assert.equal(
      redirect(`internal_redirect_policy: { response_headers_to_copy: [${name}] }`),
      ":-prefixed headers or Hosts may not be specified here.",
    );
  }
});
