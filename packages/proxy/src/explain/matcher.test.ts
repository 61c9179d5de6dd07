import assert from "node:assert/strict";
import { test } from "node:test";
import { bootstrapOf, explainerOf } from "./testing/explainer.ts";

const HEADER = "type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput";
const ROUTE = "type.googleapis.com/envoy.config.route.v3.Route";
const LIST = "type.googleapis.com/envoy.config.route.v3.RouteList";

const MATCHER = `virtual_hosts:
- name: v
  domains: ["*"]
  matcher:
    on_no_match:
      action:
        name: rest
        typed_config:
          "@type": ${ROUTE}
          name: rest
          match: { prefix: / }
          direct_response: { status: 204 }
    matcher_list:
      matchers:
      - predicate:
          and_matcher:
            predicate:
            - single_predicate:
                input: { name: i, typed_config: { "@type": ${HEADER}, header_name: x-a } }
                value_match: { prefix: "on" }
            - not_matcher:
                single_predicate:
                  input: { name: i, typed_config: { "@type": ${HEADER}, header_name: x-b } }
                  value_match: { exact: "off" }
        on_match:
          matcher:
            matcher_tree:
              input: { name: i, typed_config: { "@type": ${HEADER}, header_name: ":path" } }
              prefix_match_map:
                map:
                  /list:
                    action:
                      name: list
                      typed_config:
                        "@type": ${LIST}
                        routes:
                        - { name: post, match: { prefix: /, headers: [{ name: ":method", string_match: { exact: POST } }] }, direct_response: { status: 201 } }
                        - { name: any, match: { prefix: / }, direct_response: { status: 200 } }`;

void test("tells the way through a virtual host's matcher to its routes", () => {
  const yaml = bootstrapOf({ routes: MATCHER });
  const explanation = explainerOf(yaml).explain({
    url: "http://h:8080/list/x",
    headers: [["x-a", "one, more"]],
  });
  assert.deepEqual(explanation.virtualHost!.matcher, [
    {
      text: '(HttpRequestHeaderMatchInput "x-a" prefix "on" and not HttpRequestHeaderMatchInput "x-b" exact "off")',
      seen: '"one, more", absent',
      held: true,
    },
    {
      text: 'prefix_match_map of HttpRequestHeaderMatchInput ":path": "/list"',
      seen: '"/list/x"',
      held: true,
    },
  ]);
  const lines = yaml.split("\n");
  const routes = explanation.routes.map(({ name, verdict, place }) => [
    name,
    verdict,
    lines[place!.line - 1]!.includes(`name: ${name}`),
  ]);
  assert.deepEqual(routes, [
    ["post", "refused", true],
    ["any", "taken", true],
  ]);
  assert.equal(explanation.outcomes[0]!.response!.status, 200);
});

void test("a matcher below that comes to nothing leaves the way to on_no_match", () => {
  const explanation = explainerOf(bootstrapOf({ routes: MATCHER })).explain({
    url: "http://h:8080/other",
    headers: [["x-a", "on"]],
  });
  assert.deepEqual(
    explanation.virtualHost!.matcher.map(({ held }) => held),
    [false, false, true],
  );
  assert.equal(explanation.virtualHost!.matcher.at(-1)!.text, "on_no_match");
  const [route] = explanation.routes;
  assert.deepEqual([route!.name, explanation.outcomes[0]!.response!.status], ["rest", 204]);
});

const PORT = "type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3";

function chains(choice: string): string {
  const chain = (name: string, text: string): string => `    - name: ${name}
      ${text}
      filters: [{ name: direct, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.direct_response.v3.Config } }]`;
  return `static_resources:
  listeners:
  - name: main
    address: { socket_address: { address: 0.0.0.0, port_value: 8080 } }
${choice === "" ? "" : `    filter_chain_matcher: ${choice}\n`}    filter_chains:
${chain("near", choice === "" ? "filter_chain_match: { source_prefix_ranges: [{ address_prefix: 10.0.0.0, prefix_len: 8 }] }" : "")}
${chain("far", choice === "" ? "filter_chain_match: { source_ports: [7] }" : "")}
`;
}

void test("tells the way through a listener's matcher to a filter chain", () => {
  const explainer = explainerOf(
    chains(
      `{ matcher_tree: { input: { name: i, typed_config: { "@type": ${PORT}.SourceIPInput } }, exact_match_map: { map: { 10.0.0.1: { action: { name: a, typed_config: { "@type": type.googleapis.com/google.protobuf.StringValue, value: near } } } } } } }`,
    ),
  );
  const near = explainer.explain({ url: "http://1.2.3.4:8080/", source: "10.0.0.1" });
  assert.deepEqual(
    [near.filterChain.name, near.network],
    ["near", "the connection goes to direct"],
  );
  assert.deepEqual(near.filterChain.matcher, [
    { text: 'exact_match_map of SourceIPInput: "10.0.0.1"', seen: '"10.0.0.1"', held: true },
  ]);
  const far = explainer.explain({ url: "http://1.2.3.4:8080/", source: "10.0.0.2" });
  assert.equal(far.network, "the connection is closed");
  assert.equal(far.filterChain.matcher[0]!.held, false);
});

void test("tells which criterion a filter chain is refused by", () => {
  const explainer = explainerOf(chains(""));
  const { filterChain } = explainer.explain({ url: "http://h:8080/", source: "11.0.0.1:7" });
  assert.deepEqual([filterChain.name, filterChain.why], ["far", "source_ports 7"]);
  assert.deepEqual(
    filterChain.refused.map(({ name, why }) => [name, why]),
    [["near", "source_prefix_ranges: wanted 10.0.0.0/8, seen 11.0.0.1"]],
  );
  const both = explainer.explain({ url: "http://h:8080/", source: "10.0.0.1:7" }).filterChain;
  assert.deepEqual(
    both.refused.map(({ name, why }) => [name, why]),
    [["far", "source_prefix_ranges: another chain is more specific"]],
  );
  assert.equal(explainer.explain({ url: "http://h:8080/" }).network, "the connection is closed");
});
