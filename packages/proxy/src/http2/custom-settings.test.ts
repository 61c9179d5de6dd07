import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "@nuncio/api";
import type { Http2ProtocolOptions } from "@nuncio/api/types/envoy/config/core/v3/protocol_pb";
import { testCompileContext } from "../config/testing/compile-context.ts";
import { compileCustomSettings } from "./custom-settings.ts";

const TYPE = "envoy.config.core.v3.Http2ProtocolOptions";

function compiled(content: string): { settings: [number, number][]; errors: string[] } {
  const { message, problems } = load<Http2ProtocolOptions>(TYPE, [{ name: "h2.yaml", content }]);
  const settings = compileCustomSettings(message, testCompileContext(problems));
  return { settings, errors: problems.list.map(({ message: text }) => text) };
}

const custom = (...parameters: [number, number][]): string =>
  `custom_settings_parameters: [${parameters.map(([id, value]) => `{ identifier: ${id}, value: ${value} }`).join(", ")}]`;

void test("settings stand in their order, each once", () => {
  assert.deepEqual(compiled(custom([10, 1], [6, 100], [10, 1])), {
    settings: [
      [10, 1],
      [6, 100],
    ],
    errors: [],
  });
  assert.deepEqual(compiled(custom([2, 0])).errors, []);
});

void test("what a field says cannot be said again", () => {
  for (const [field, id] of [
    ["hpack_table_size", 1],
    ["max_concurrent_streams", 3],
    ["initial_stream_window_size", 4],
  ] as const) {
    const { errors } = compiled(`${field}: 65535\n${custom([id, 65_535])}`);
    assert.equal(errors.length, 1);
    assert.ok(errors[0]!.includes(`{${field}}`));
  }
  assert.deepEqual(compiled(custom([3, 7])).errors, []);
});

void test("no extended CONNECT, no server push, no two values", () => {
  assert.match(compiled(custom([8, 1])).errors[0]!, /allow_connect/);
  assert.match(compiled(custom([2, 1])).errors[0]!, /server push/);
  assert.match(compiled(custom([10, 1], [10, 2])).errors[0]!, /inconsistent .* \{0x0a\}/);
});
