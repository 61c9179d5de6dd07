import assert from "node:assert/strict";
import { test } from "node:test";
import { toBinary } from "@bufbuild/protobuf";
import type { Message } from "@bufbuild/protobuf";
import { checkImplemented, mergeImplemented } from "../implemented.ts";
import { envoyTypes } from "../registry/envoy-types.ts";
import { toJson } from "../to-json.ts";
import { validate } from "../validate/validate.ts";
import type { Format, Loaded } from "./load.ts";
import { load } from "./load.ts";
import { seededRandom } from "./seeded-random.test-support.ts";

const typeName = "envoy.config.bootstrap.v3.Bootstrap";
const table = mergeImplemented([{ [typeName]: "all" }]);

/** A configuration with a bit of everything, long enough to be cut at several kilobytes. */
const yaml = `
node: { id: "test", cluster: 'c', metadata: { a: 1.5, b: [x, { y: ~ }], c: 0x10 } }
admin:
  address: &admin { socket_address: { address: 127.0.0.1, port_value: 0 } }
!ignore shared: &filter
  name: envoy.filters.network.http_connection_manager
stats_flush_interval: 5.5s
static_resources:
  listeners: # the ways in
${Array.from(
  { length: 12 },
  (_, index) => `
  - name: listener_${index}
    address: *admin
    perConnectionBufferLimitBytes: ${index * 1000}
    filter_chains:
    - filter_chain_match: { prefix_ranges: [{ address_prefix: 10.0.0.0, prefix_len: 8 }], source_ports: [1, 2] }
      filters:
      - name: hcm
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: >-
            folded
            text
          codec_type: auto
          access_log:
          - name: log
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog
              log_format: { json_format: { path: "%REQ(:PATH)%" } }
          http_filters:
          - name: router
            typed_config: { "@type": type.googleapis.com/xds.type.v3.TypedStruct, type_url: t/envoy.extensions.filters.http.router.v3.Router, value: { start_child_span: true } }
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: { safe_regex: { regex: "/a.*" }, headers: [{ name: x, string_match: { exact: "y" } }] }
                direct_response: { status: 200, body: { inline_string: "two\\nlines" } }
              - match: { prefix: "/" }
                route: { weighted_clusters: { clusters: [{ name: one, weight: 1 }, { name: two, weight: 2 }] }, timeout: 0s }`,
).join("")}
  clusters:
  - { name: one, type: STATIC, connect_timeout: 1s, lb_policy: LEAST_REQUEST }
`;

const whole = load(typeName, [{ name: "e.yaml", content: yaml }]);
const json = JSON.stringify(toJson(whole.message), null, 2);
const binary = toBinary(envoyTypes().getMessage(typeName)!, whole.message);

/** Runs everything that configuration goes through. Nothing may throw; a message that has no errors must serialize. */
function run(content: string | Uint8Array, format: Format): Loaded {
  const loaded = load(typeName, [{ name: "e", content, format }]);
  validate(loaded);
  checkImplemented(loaded.message, table, loaded.problems);
  for (const { message, path, place } of loaded.problems.list) {
    assert.notEqual(message, "");
    assert.equal(typeof path, "string");
    if (place !== null) assert.ok(place.line >= 1 && place.column >= 1, JSON.stringify(place));
    assert.ok(place !== null || format === "binary" || path !== "", message);
  }
  if (!loaded.problems.hasErrors) serialize(loaded.message);
  return loaded;
}

function serialize(message: Message): void {
  toJson(message, { redact: true });
  toBinary(envoyTypes().getMessage(message.$typeName)!, message);
}

test("the configuration itself is fine, in each format", () => {
  assert.deepEqual(whole.problems.list, []);
  for (const [format, content] of [
    ["yaml", yaml],
    ["json", json],
    ["binary", binary],
  ] as const) {
    const loaded = load(typeName, [{ name: "e", content, format }]);
    assert.deepEqual(loaded.problems.list, [], format);
    assert.deepEqual(toJson(loaded.message), toJson(whole.message), format);
  }
});

test("cut at every kilobyte", () => {
  assert.ok(yaml.length > 16 * 1024, `only ${yaml.length} characters`);
  for (let length = 0; length < yaml.length; length += 1024) run(yaml.slice(0, length), "yaml");
  for (let length = 1024; length < json.length; length += 1024) {
    assert.equal(
      run(json.slice(0, length), "json").problems.hasErrors,
      true,
      `JSON cut at ${length}`,
    );
  }
  for (let length = 0; length < binary.length; length += 1024)
    run(binary.subarray(0, length), "binary");
});

const small = 2600;
const noise = [
  " ",
  "\n",
  ":",
  "-",
  "{",
  "}",
  "[",
  "]",
  '"',
  "'",
  "#",
  "&a ",
  "*a",
  "|",
  ">",
  "!",
  "\t",
  "0",
  "x",
  "\u0000",
  "é",
  ",",
  "~",
  "\\",
];

function mutated(text: string, random: (limit: number) => number): string {
  let result = text;
  for (let count = 1 + random(4); count > 0; count--) {
    const at = random(result.length + 1);
    const length = random(12);
    const piece = noise[random(noise.length)] ?? "";
    const kind = random(4);
    const moved = random(result.length + 1);
    if (kind === 0) result = result.slice(0, at) + result.slice(at + length);
    else if (kind === 1) result = result.slice(0, at) + piece + result.slice(at);
    else if (kind === 2) result = result.slice(0, at) + piece + result.slice(at + 1);
    else result = result.slice(0, at) + result.slice(moved, moved + length * 5) + result.slice(at);
  }
  return result;
}

test("mutated texts", () => {
  const random = seededRandom(9);
  let failed = 0;
  for (const [format, text] of [
    ["yaml", yaml.slice(0, small)],
    ["json", json.slice(0, small)],
    [
      "text",
      'node { id: "a" } static_resources { clusters { name: "c" type: EDS connect_timeout { seconds: 1 } } }',
    ],
  ] as const) {
    for (let round = 0; round < 400; round++)
      if (run(mutated(text, random), format).problems.hasErrors) failed++;
  }
  assert.ok(failed > 400, `only ${failed} had problems`);
});

test("mutated bytes", () => {
  const random = seededRandom(10);
  for (let round = 0; round < 400; round++) {
    const bytes = Uint8Array.from(binary.subarray(0, 4000));
    for (let count = 1 + random(5); count > 0; count--) bytes[random(bytes.length)] = random(256);
    run(bytes, "binary");
  }
});

test("random bytes as text", () => {
  const random = seededRandom(11);
  for (let round = 0; round < 300; round++) {
    const bytes = Uint8Array.from({ length: random(200) }, () => random(256));
    for (const format of ["yaml", "json", "text", "binary"] as const) run(bytes, format);
  }
});
