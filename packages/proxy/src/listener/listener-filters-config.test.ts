import assert from "node:assert/strict";
import { test } from "node:test";
import { compileBootstrap } from "../main/compile-bootstrap.ts";
import type { ProxyOptions } from "../main/options.ts";
import { FakeRegistry } from "../upstream/testing/fake-registry.ts";
import type { ListenerConfig } from "./model.ts";

const OPTIONS = {
  concurrency: 1,
  serviceCluster: "",
  serviceNode: "",
  serviceZone: "",
} as ProxyOptions;
const TLS_INSPECTOR =
  "type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector";

function compile(listener: string): ListenerConfig {
  const echo = "type.googleapis.com/envoy.extensions.filters.network.echo.v3.Echo";
  const content = `static_resources:
  listeners:
  - { name: l, address: { socket_address: { address: 127.0.0.1, port_value: 1 } }, filter_chains: [{ filters: [{ name: e, typed_config: { "@type": ${echo} } }] }], ${listener} }`;
  const sources = [{ name: "t.yaml", content }];
  const { problems, listeners } = compileBootstrap(sources, OPTIONS, new FakeRegistry());
  assert.deepEqual(
    problems.filter(({ severity }) => severity === "error"),
    [],
  );
  return structuredClone(listeners[0]!);
}

void test("listener filters have 15 seconds, and close who needs more", () => {
  const { listenerFilters, listenerFiltersTimeoutMs, continueOnListenerFiltersTimeout } =
    compile("stat_prefix: s");
  assert.deepEqual(listenerFilters, []);
  assert.equal(listenerFiltersTimeoutMs, 15_000);
  assert.equal(continueOnListenerFiltersTimeout, false);
  assert.equal(compile("listener_filters_timeout: 0s").listenerFiltersTimeoutMs, 0);
});

void test("a filter with its defaults, and with who passes it by", () => {
  const port = "{ destination_port_range: { start: 1, end: 2 } }";
  const disabled = `{ or_match: { rules: [{ not_match: { any_match: true } }, ${port}] } }`;
  const [filter] = compile(
    `listener_filters: [{ name: t, filter_disabled: ${disabled}, typed_config: { "@type": ${TLS_INSPECTOR} } }]`,
  ).listenerFilters;
  assert.deepEqual(filter!.disabled, {
    kind: "or",
    rules: [
      { kind: "not", rule: { kind: "any" } },
      { kind: "destination_port", start: 1, end: 2 },
    ],
  });
  const { scope, ...rest } = filter!.config as { scope: { prefix: string } };
  assert.equal(scope.prefix, "tls_inspector.");
  assert.deepEqual(rest, {
    ja3: false,
    ja4: false,
    maxClientHelloBytes: 16_384,
    closeOnParsingErrors: false,
  });
});
