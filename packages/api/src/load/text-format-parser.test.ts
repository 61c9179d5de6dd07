import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "@bufbuild/protobuf";
import { formatProblem } from "../format-problem.ts";
import { toJson } from "../to-json.ts";
import { load } from "./load.ts";
import type { Loaded } from "./load.ts";
import type { LoadLimits } from "./text-node.ts";

const clusterName = "envoy.config.cluster.v3.Cluster";

const read = (content: string, typeName = clusterName, limits?: LoadLimits): Loaded =>
  load(typeName, [{ name: "c.pb_text", content }], limits);

const problems = (content: string, typeName = clusterName): string[] =>
  read(content, typeName).problems.list.map(formatProblem);

test("fields, lists, messages, maps and Anys", () => {
  const loaded = read(`
    # a comment
    name: "a" 'b'  type: STRICT_DNS; connect_timeout { nanos: 250000000 }
    per_connection_buffer_limit_bytes: < value: 0x10 >,
    health_checks { timeout { seconds: 1 } } health_checks: [{}, { no_traffic_interval { seconds: 2 } }]
    metadata { filter_metadata { key: "k" value { fields { key: "n" value { number_value: 1.5 } } } } }
    common_lb_config { healthy_panic_threshold { value: 3.5f } }
    ignore_health_on_host_removal: True
    typed_extension_protocol_options { key: "x" value {
      [type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext] { sni: "s" }
    } }
    typed_extension_protocol_options { key: "y" value { [t/xds.type.v3.TypedStruct] {
      type_url: "t/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
      value { fields { key: "sni" value { string_value: "q" } } }
    } } }
    ring_hash_lb_config { minimum_ring_size { value: 010 } }
  `);
  assert.deepEqual(loaded.problems.list, []);
  assert.deepEqual(toJson(loaded.message), {
    name: "ab",
    type: "STRICT_DNS",
    connect_timeout: "0.250s",
    per_connection_buffer_limit_bytes: 16,
    health_checks: [{ timeout: "1s" }, {}, { no_traffic_interval: "2s" }],
    ring_hash_lb_config: { minimum_ring_size: "8" },
    metadata: { filter_metadata: { k: { n: 1.5 } } },
    common_lb_config: { healthy_panic_threshold: { value: 3.5 } },
    ignore_health_on_host_removal: true,
    typed_extension_protocol_options: {
      x: {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        sni: "s",
      },
      y: {
        "@type": "t/xds.type.v3.TypedStruct",
        type_url: "t/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        value: { sni: "q" },
      },
    },
  });
});

test("strings are bytes with escapes", () => {
  const { message } = read(
    'value: "\\000\\xff\\n\\u00e9\\"" "\\101"',
    "google.protobuf.BytesValue",
  );
  assert.deepEqual(
    [...(message as Message & { value: Uint8Array }).value],
    [0, 255, 10, 0xc3, 0xa9, 34, 65],
  );
});

test("numbers that are not finite", () => {
  const value = (text: string): number =>
    (read(`value: ${text}`, "google.protobuf.DoubleValue").message as Message & { value: number })
      .value;
  assert.equal(value("inf"), Infinity);
  assert.equal(value("-infinity"), -Infinity);
  assert.equal(value("nan"), NaN);
});

test("errors have places", () => {
  assert.deepEqual(problems('name: "a"\nnme: "b"\ntype: NOPE_AT_ALL_X\nalt_stat_name: foo'), [
    'c.pb_text:2:1: unknown field "nme" of envoy.config.cluster.v3.Cluster, did you mean "name"?',
    'c.pb_text:3:7 type: unknown value "NOPE_AT_ALL_X" of envoy.config.cluster.v3.Cluster.DiscoveryType, expected one of STATIC, STRICT_DNS, LOGICAL_DNS, EDS, ORIGINAL_DST',
    "c.pb_text:4:16 alt_stat_name: expected a string in quotes, got foo",
  ]);
  const syntax: Record<string, string> = {
    "connect_timeout {": 'c.pb_text:1:17: "{" without its "}"',
    'name "a"': 'c.pb_text:1:6: expected ":" after "name", got "\\""',
    "name: ": "c.pb_text:1:7: expected a value, got the end of the text",
    'name: "a\n"': "c.pb_text:1:7: string without an end",
    'name: "\\q"': 'c.pb_text:1:8: unknown escape "\\\\q"',
    "{}": 'c.pb_text:1:1: expected the name of a field, got "{"',
    "health_checks: [{} {}]": 'c.pb_text:1:20: expected "," or "]", got "{"',
    "[t/foo.Bar] 5": 'c.pb_text:1:13: expected "{" after the type of an Any',
  };
  for (const [text, expected] of Object.entries(syntax))
    assert.deepEqual(problems(text), [expected], text);
});

test("a single field given twice is an error", () => {
  assert.deepEqual(problems('name: "a" name: "b"'), [
    "c.pb_text:1:7 name: expected a string, got a list",
  ]);
});

test("nesting is bounded", () => {
  const content = "and_rules { rules { ".repeat(60) + "} } ".repeat(60);
  assert.match(
    problems(content, "envoy.config.rbac.v3.Permission")[0] ?? "none",
    /nested deeper than 100 levels/,
  );
});
