import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamInfo } from "../../../observe/stream-info.ts";
import { compileTable } from "../testing/route-table.ts";
import { buildFilterStateMatcher } from "./filter-state-matcher.ts";
import { buildMetadataMatcher } from "./metadata-matcher.ts";

function matchOf(
  yaml: string,
): ReturnType<typeof compileTable>["config"]["virtualHosts"][0]["routes"][0]["match"] {
  const { config, problems } = compileTable(
    `virtual_hosts: [{ name: v, domains: [a], routes: [{ match: { prefix: /, ${yaml} }, direct_response: { status: 200 } }] }]`,
  );
  assert.deepEqual(problems, []);
  return config.virtualHosts[0]!.routes[0]!.match;
}

function metadata(value: string, invert = false): (seen: unknown) => boolean {
  const { dynamicMetadata } = matchOf(
    `dynamic_metadata: [{ filter: f, path: [{ key: a }, { key: b }], value: { ${value} }, invert: ${invert} }]`,
  );
  const matches = buildMetadataMatcher(dynamicMetadata![0]!);
  return (seen) => {
    const info = new StreamInfo();
    if (seen !== undefined) info.dynamicMetadata = { f: { a: { b: seen } } };
    return matches(info);
  };
}

void test("dynamic metadata is matched by all sorts of values", () => {
  assert.deepEqual(
    [metadata("null_match: {}")(null), metadata("null_match: {}")(0)],
    [true, false],
  );
  assert.deepEqual([1, 2, "1"].map(metadata("double_match: { exact: 1 }")), [true, false, false]);
  assert.deepEqual([1, 2].map(metadata("double_match: { range: { start: 1, end: 2 } }")), [
    true,
    false,
  ]);
  assert.deepEqual(["ab", "b", 1].map(metadata("string_match: { prefix: a }")), [
    true,
    false,
    false,
  ]);
  assert.deepEqual([true, false].map(metadata("bool_match: true")), [true, false]);
  assert.deepEqual(
    [[1, "x"], ["y"], "x"].map(metadata("list_match: { one_of: { string_match: { exact: x } } }")),
    [true, false, false],
  );
  assert.deepEqual(
    [1, null, "x"].map(
      metadata(
        "or_match: { value_matchers: [{ null_match: {} }, { double_match: { exact: 1 } }] }",
      ),
    ),
    [true, true, false],
  );
});

void test("metadata that is not there matches nothing, and everything inverted", () => {
  for (const value of [
    "null_match: {}",
    "present_match: true",
    "present_match: false",
    "bool_match: false",
  ]) {
    assert.equal(metadata(value)(undefined), false, value);
    assert.equal(metadata(value, true)(undefined), true, value);
  }
  assert.equal(metadata("present_match: true")(0), true);
  assert.equal(metadata("present_match: false")(0), false);
});

function filterState(tested: string): (seen: unknown) => boolean {
  const { filterState: configs } = matchOf(`filter_state: [{ key: k, ${tested} }]`);
  const matches = buildFilterStateMatcher(configs![0]!);
  return (seen) => {
    const info = new StreamInfo();
    if (seen !== undefined) info.filterState = new Map([["k", seen]]);
    return matches(info);
  };
}

void test("filter state is matched as text or as an address", () => {
  assert.deepEqual(["ab", "b", undefined].map(filterState("string_match: { prefix: a }")), [
    true,
    false,
    false,
  ]);
  assert.equal(filterState('string_match: { exact: "" }')(undefined), false);
  assert.deepEqual([1, true, {}].map(filterState("string_match: { contains: '1' }")), [
    true,
    false,
    false,
  ]);
  const range =
    "address_match: { ranges: [{ address_prefix: 10.0.0.0, prefix_len: 8 }, { address_prefix: '::1', prefix_len: 128 }]";
  assert.deepEqual(["10.1.2.3", "11.1.2.3", "::1", "x", undefined].map(filterState(`${range} }`)), [
    true,
    false,
    true,
    false,
    false,
  ]);
  assert.deepEqual(
    ["10.1.2.3", "11.1.2.3", "x", undefined].map(filterState(`${range}, invert_match: true }`)),
    [false, true, false, false],
  );
  const object = { filterStateText: "10.1.2.3:0", filterStateJson: undefined };
  assert.equal(filterState("string_match: { suffix: ':0' }")(object), true);
  assert.equal(filterState(`${range} }`)(object), false);
  assert.equal(filterState(`${range} }`)({ ...object, filterStateIp: "10.1.2.3" }), true);
});
