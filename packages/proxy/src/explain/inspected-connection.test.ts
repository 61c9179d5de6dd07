import assert from "node:assert/strict";
import { test } from "node:test";
import { explainerOf } from "./testing/explainer.ts";

void test("an https URL is seen by the TLS inspector: its host chooses the chain", () => {
  const listener = "type.googleapis.com/envoy.extensions.filters.listener";
  const network = "type.googleapis.com/envoy.extensions.filters.network";
  const yaml = `static_resources:
  listeners:
  - name: main
    address: { socket_address: { address: 127.0.0.1, port_value: 8443 } }
    listener_filters: [{ name: t, typed_config: { "@type": ${listener}.tls_inspector.v3.TlsInspector } }]
    filter_chains:
    - { name: a, filter_chain_match: { server_names: [a.test] }, filters: [{ name: e, typed_config: { "@type": ${network}.echo.v3.Echo } }] }
    - { name: b, filter_chain_match: { server_names: ["*.test"] }, filters: [{ name: e, typed_config: { "@type": ${network}.echo.v3.Echo } }] }
    - { name: plain, filter_chain_match: { transport_protocol: raw_buffer }, filters: [{ name: e, typed_config: { "@type": ${network}.echo.v3.Echo } }] }
`;
  const chosen = (url: string): string[] => {
    const { filterChain } = explainerOf(yaml).explain({ url });
    return [filterChain.name, filterChain.why, ...filterChain.refused.map(({ why }) => why)];
  };
  assert.deepEqual(chosen("https://A.test:8443/"), [
    "a",
    "server_names a.test",
    "server_names: another chain is more specific",
    "server_names: another chain is more specific",
  ]);
  assert.deepEqual(chosen("https://x.b.test:8443/"), [
    "b",
    "server_names *.test",
    "server_names: wanted a.test, seen x.b.test",
    "server_names: another chain is more specific",
  ]);
  assert.deepEqual(chosen("http://a.test:8443/"), [
    "plain",
    "transport_protocol raw_buffer",
    "server_names: wanted a.test, seen no server name",
    "server_names: wanted *.test, seen no server name",
  ]);
  assert.equal(chosen("https://127.0.0.1:8443/")[0], "");
});
