import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test, type TestContext } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";
import type { Cluster } from "../cluster.ts";
import type { RequestedNamesConfig } from "../model.ts";
import { requestedNames } from "./requested-names.ts";

function names(
  serverNames: RequestedNamesConfig | null,
  authority: string,
  header = "",
): ReturnType<typeof requestedNames> {
  const headers = new HeaderMap();
  headers.authority = authority;
  if (header !== "") headers.set("x-name", header);
  return requestedNames({ config: { http: { serverNames } } } as Cluster, headers);
}

const SNI = { autoSni: true, autoSanValidation: false, header: "" };

void test("a cluster that does not ask for names gets none", () => {
  assert.equal(names(null, "a.test"), null);
});

void test("the host of the authority, or of a header, in lower case and without its port", () => {
  const given = (authority: string, header = ""): string | undefined =>
    names({ ...SNI, header: "x-name" }, authority, header)?.serverName;
  assert.deepEqual(
    [given("A.test:80"), given("a.test", "b.test:1"), given("a.test", ""), given("10.0.0.1")],
    ["a.test", "b.test", "a.test", undefined],
  );
  assert.equal(given("[::1]:80"), undefined);
});

void test("an address is no name to ask for, but one to be in a certificate", () => {
  const rules = { autoSni: true, autoSanValidation: true, header: "" };
  assert.deepEqual(names(rules, "[::1]:80"), { serverName: "", expectedNames: ["::1"] });
  assert.deepEqual(names(rules, "a.test"), { serverName: "a.test", expectedNames: ["a.test"] });
  assert.equal(names(rules, ""), null);
});

interface NamedRig {
  readonly proxy: TestProxy;
  /** The answer to a request of that host. */
  ask(host: string): Promise<string>;
}

/** Every host is a name that a pool of its own asks for; `thresholds` are the breaker's. */
async function namedRig(t: TestContext, thresholds: string): Promise<NamedRig> {
  // Nobody listens there, so each pool is over with its first attempt.
  const closed = net.createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const { port } = closed.address() as net.AddressInfo;
  closed.close();
  const proxy = await startProxy(`
static_resources:
  listeners:
  - name: in
    address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
    filter_chains:
    - filters:
      - name: http
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: h
          route_config: { virtual_hosts: [ { name: v, domains: ["*"], routes: [ { match: { prefix: / }, route: { cluster: c } } ] } ] }
          http_filters: [ { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ]
  clusters:
  - name: c
    type: STATIC
    circuit_breakers: { thresholds: [ { max_connection_pools: 1, ${thresholds} } ] }
    load_assignment: { cluster_name: c, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } } } ] } ] }
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: { http_protocol_options: {} }
        upstream_http_protocol_options: { auto_sni: true }
    transport_socket: { name: tls, typed_config: { "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext } }
`);
  t.after(() => proxy.close());
  return {
    proxy,
    async ask(host) {
      const client = net.connect(proxy.port("in"), "127.0.0.1");
      client.write(`GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
      let text = "";
      client.on("data", (data) => (text += data.toString()));
      await once(client, "close");
      return text;
    },
  };
}

void test("a pool of a name ends with its last connection, and gives its place back", async (t) => {
  const { proxy, ask } = await namedRig(t, "track_remaining: true");
  for (const name of ["a.test", "b.test", "c.test"])
    assert.match(await ask(name), /^HTTP\/1.1 503 .*reset reason: remote connection failure$/s);
  assert.equal(proxy.stat("cluster.c.upstream_cx_connect_fail"), 3);
  assert.equal(proxy.stat("cluster.c.circuit_breakers.default.cx_pool_open"), 0);
});

void test("a pool of a name whose first request was refused ends at once", async (t) => {
  const { proxy, ask } = await namedRig(t, "max_pending_requests: 0");
  for (const name of ["a.test", "b.test", "c.test"])
    assert.match(await ask(name), /^HTTP\/1.1 503 .*reset reason: overflow$/s);
  assert.equal(proxy.stat("cluster.c.circuit_breakers.default.cx_pool_open"), 0);
});
