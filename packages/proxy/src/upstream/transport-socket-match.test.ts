import assert from "node:assert/strict";
import { test } from "node:test";
import type { TransportSocketsConfig } from "./model.ts";
import { findTransportSocketMatch } from "./transport-socket-match.ts";

function sockets(...criteria: Record<string, unknown>[]): TransportSocketsConfig {
  const scope = { base: 0, histogramBase: 0, prefix: "" };
  return {
    otherwise: null,
    matches: criteria.map((given, index) => ({
      name: String(index),
      criteria: given,
      socket: null,
      scope,
    })),
  };
}

void test("the first entry counts whose criteria are all in the host's metadata", () => {
  const config = sockets({ a: "1", b: { c: [1, "x"] } }, { a: "1" }, {});
  const found = (labels: Record<string, unknown>): string | undefined =>
    findTransportSocketMatch(config, { "envoy.transport_socket_match": labels })?.name;
  assert.equal(found({ a: "1", b: { c: [1, "x"] }, d: true }), "0");
  assert.equal(found({ a: "1", b: { c: [1] } }), "1");
  assert.equal(found({ a: "2" }), "2");
});

void test("a host without metadata fits entries without criteria only", () => {
  assert.equal(findTransportSocketMatch(sockets({ a: "1" }, {}), null)?.name, "1");
  assert.equal(findTransportSocketMatch(sockets({ a: "1" }), null), null);
  assert.equal(findTransportSocketMatch(sockets({ a: "1" }), { "envoy.lb": { a: "1" } }), null);
});
