import assert from "node:assert/strict";
import { test } from "node:test";
import { DISCOVERED } from "../extension/model.ts";
import type { ListenerConfig } from "../listener/model.ts";
import { FakeRegistry } from "../upstream/testing/fake-registry.ts";
import { compileBootstrap } from "./compile-bootstrap.ts";
import type { ProxyOptions } from "./options.ts";
import { resolvedListener } from "./resolved-listener.ts";

const OPTIONS = {
  concurrency: 1,
  serviceCluster: "c",
  serviceNode: "n",
  serviceZone: "",
} as ProxyOptions;
const URL = "type.googleapis.com/envoy.extensions.filters";
const ECHO = `${URL}.network.echo.v3.Echo`;
const TLS_INSPECTOR = `${URL}.listener.tls_inspector.v3.TlsInspector`;

function discovery(type: string, more = ""): string {
  return `{ name: f, config_discovery: { config_source: { resource_api_version: V3, path_config_source: { path: /dev/null } }, type_urls: [${type}]${more} } }`;
}

function resolve(listenerFilter: string, filter: string): ListenerConfig {
  const content = `static_resources: { listeners: [{ name: l, address: { socket_address: { address: 127.0.0.1, port_value: 1 } }, listener_filters: [${listenerFilter}], filter_chains: [{ filters: [${filter}] }] }] }`;
  const compiled = compileBootstrap([{ name: "t.yaml", content }], OPTIONS, new FakeRegistry());
  assert.deepEqual(
    compiled.problems.filter(({ severity }) => severity === "error"),
    [],
  );
  return resolvedListener(compiled.listeners[0]!, compiled);
}

test("filters by ECDS are what they are by default", () => {
  const asDefault = (type: string): string =>
    discovery(type, `, default_config: { "@type": ${type} }`);
  const { listenerFilters, filterChains } = resolve(asDefault(TLS_INSPECTOR), asDefault(ECHO));
  assert.deepEqual(
    [...listenerFilters, ...filterChains[0]!.filters].map(({ name, type }) => [name, type]),
    [
      ["f", TLS_INSPECTOR.slice(TLS_INSPECTOR.indexOf("/") + 1)],
      ["f", ECHO.slice(ECHO.indexOf("/") + 1)],
    ],
  );
});

test("without a default they stay what has not come", () => {
  const { listenerFilters, filterChains } = resolve(discovery(TLS_INSPECTOR), discovery(ECHO));
  assert.deepEqual(
    [...listenerFilters, ...filterChains[0]!.filters].map(({ type }) => type),
    [DISCOVERED, DISCOVERED],
  );
});
