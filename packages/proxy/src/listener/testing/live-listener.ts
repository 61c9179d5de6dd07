import type { TestContext } from "node:test";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";
import type { DrainOptions } from "../drain.ts";

const TYPES = "type.googleapis.com/envoy.extensions.filters";

/** Fields of a message, as JSON. */
export type Fields = { readonly [field: string]: unknown };

/** A port of its own on loopback, or the one that is named. */
export function address(ip = "127.0.0.1", port = 0): Fields {
  return { socket_address: { address: ip, port_value: port } };
}

/** A filter, by its type below `envoy.extensions.filters`. */
export function filter(name: string, type: string, fields: Fields = {}): Fields {
  return { name, typed_config: { "@type": `${TYPES}.${type}`, ...fields } };
}

/** A chain with an HTTP connection manager, stats below `http.in.`; `action`: of its only route. */
export function httpChain(action: Fields, manager: Fields = {}, chain: Fields = {}): Fields {
  const routes = [{ match: { prefix: "/" }, ...action }];
  return {
    filters: [
      filter("hcm", "network.http_connection_manager.v3.HttpConnectionManager", {
        stat_prefix: "in",
        route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes }] },
        http_filters: [filter("router", "http.router.v3.Router")],
        ...manager,
      }),
    ],
    ...chain,
  };
}

/** An answer from the proxy itself. */
export function answer(text: string): Fields {
  return { direct_response: { status: 200, body: { inline_string: text } } };
}

/** A listener, `main` on a port of its own unless `more` says otherwise. */
export function listenerText(chains: readonly Fields[], more: Fields = {}): string {
  return JSON.stringify({ name: "main", address: address(), filter_chains: chains, ...more });
}

/** A proxy with that listener; it ends with the test. `clusters`: YAML each. */
export async function startWith(
  t: TestContext,
  listener: string,
  { clusters = [], drain }: { clusters?: readonly string[]; drain?: DrainOptions } = {},
): Promise<TestProxy> {
  const text = `static_resources: { listeners: [${listener}], clusters: [${clusters.join(", ")}] }`;
  const proxy = await startProxy(text, drain);
  t.after(() => proxy.close());
  return proxy;
}

/** Says goodbye with the next response, and never closes by time in a test. */
export const AT_ONCE: DrainOptions = { timeMs: 600_000, strategy: "immediate" };
