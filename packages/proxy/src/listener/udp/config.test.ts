import assert from "node:assert/strict";
import { test } from "node:test";
import { compileBootstrap } from "../../main/compile-bootstrap.ts";
import type { ProxyOptions } from "../../main/options.ts";
import { filter } from "../../testing/tcp-rig.ts";
import { routeTo, udpListener, udpProxy } from "../../udp/testing/udp-rig.ts";
import { FakeRegistry } from "../../upstream/testing/fake-registry.ts";
import type { ListenerConfig } from "../model.ts";

const OPTIONS = { concurrency: 1 } as ProxyOptions;
const TO_C = udpProxy(routeTo("c"));

interface Compiled {
  readonly listener: ListenerConfig | undefined;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

function compile(listener: string, concurrency = 1): Compiled {
  const sources = [{ name: "t.yaml", content: `static_resources: { listeners: [${listener}] }` }];
  const options = { ...OPTIONS, concurrency };
  const { problems, listeners } = compileBootstrap(sources, options, new FakeRegistry());
  const texts = (of: string): string[] =>
    problems.filter(({ severity }) => severity === of).map(({ message }) => message);
  return { listener: listeners[0], errors: texts("error"), warnings: texts("warning") };
}

void test("a UDP listener is plain data, without anything of connections", () => {
  const { listener, errors } = compile(udpListener(TO_C));
  assert.deepEqual(errors, []);
  const { addresses, udp, filterChains, listenerFilters } = structuredClone(listener)!;
  assert.equal(addresses[0]!.protocol, "udp");
  assert.deepEqual([filterChains, listenerFilters], [[], []]);
  assert.equal(udp!.socket.maxRxDatagramBytes, 1500);
  assert.deepEqual(
    udp!.filters.map(({ type }) => type),
    ["envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig"],
  );
});

void test("prefer_gro takes datagrams of any size", () => {
  const socket = "downstream_socket_config: { max_rx_datagram_size: 100, prefer_gro: true }";
  const { listener } = compile(udpListener(TO_C, `udp_listener_config: { ${socket} }`));
  assert.equal(listener!.udp!.socket.maxRxDatagramBytes, 65_535);
});

const CHAIN = `{ filters: [${filter("echo.v3.Echo", "")}] }`;
const WRITERS = "type.googleapis.com/envoy.extensions.udp_packet_writer.v3";
const writer = (type: string): string =>
  `udp_listener_config: { udp_packet_packet_writer_config: { name: w, typed_config: { "@type": ${WRITERS}.${type} } } }`;

for (const [what, listener, expected] of [
  [
    "filter chains",
    udpListener(TO_C, `filter_chains: [${CHAIN}]`),
    "error adding listener '127.0.0.1:0': 1 filter chain(s) specified for connection-less UDP listener.",
  ],
  [
    "a default filter chain",
    udpListener(TO_C, `default_filter_chain: ${CHAIN}`),
    "error adding listener '127.0.0.1:0': 0 filter chain(s) specified for connection-less UDP listener.",
  ],
  [
    "a filter of TCP",
    udpListener(
      '{ name: t, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector } }',
    ),
    "Didn't find a registered implementation for 't' with type URL: 'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector'",
  ],
  [
    "a filter of TCP that comes by ECDS",
    udpListener(
      "{ name: t, config_discovery: { config_source: { ads: {} }, type_urls: [a/envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig] } }",
    ),
    "not implemented yet: filters of UDP listeners that come by ECDS",
  ],
  [
    "an address of TCP beside",
    udpListener(
      TO_C,
      "additional_addresses: [{ address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }]",
    ),
    "listener main: has different socket type. The listener only support same socket type for all the addresses.",
  ],
  [
    "bind_to_port: false",
    udpListener(TO_C, "bind_to_port: false"),
    "listener main: bind_to_port: false is not supported for UDP listeners",
  ],
  [
    "QUIC",
    udpListener(TO_C, "udp_listener_config: { quic_options: {} }"),
    "not implemented yet: envoy.config.listener.v3.UdpListenerConfig.quic_options",
  ],
  [
    "another writer",
    udpListener(TO_C, writer("UdpGsoBatchWriterFactory")),
    "not implemented yet: envoy.extensions.udp_packet_writer.v3.UdpGsoBatchWriterFactory",
  ],
  [
    "use_original_src_ip",
    udpListener(udpProxy(`${routeTo("c")}, use_original_src_ip: true`)),
    "not implemented yet: envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.use_original_src_ip",
  ],
  [
    "session filters",
    udpListener(udpProxy(`${routeTo("c")}, session_filters: [{ name: a }]`)),
    "not implemented yet: envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.session_filters",
  ],
  [
    "a tunnel",
    udpListener(
      udpProxy(
        `${routeTo("c")}, tunneling_config: { proxy_host: a, target_host: b, default_target_port: 1 }`,
      ),
    ),
    "not implemented yet: envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.tunneling_config",
  ],
] as const) {
  void test(`a UDP listener is refused for ${what}`, () => {
    assert.deepEqual(compile(listener).errors, [expected]);
  });
}

void test("workers share a port of UDP by SO_REUSEPORT, or there is one", () => {
  const listener = udpListener(TO_C, "enable_reuse_port: false");
  assert.deepEqual(compile(listener).errors, []);
  assert.match(
    compile(listener, 2).errors[0]!,
    /^Listening on UDP when concurrency is > 1 without/,
  );
  assert.deepEqual(compile(udpListener(TO_C), 2).errors, []);
});

void test("the writer that there is may be named, and a listener without filters is worth a warning", () => {
  assert.deepEqual(compile(udpListener(TO_C, writer("UdpDefaultWriterFactory"))).errors, []);
  const { errors, warnings } = compile(udpListener(""));
  assert.deepEqual(errors, []);
  assert.deepEqual(warnings, ["a UDP listener without filters drops what comes"]);
});

void test("a UDP listener and one of TCP may have one port, two of UDP may not", () => {
  const at = (listener: string): string => listener.replace("port_value: 0", "port_value: 53");
  const udp = at(udpListener(TO_C));
  const tcp = `{ name: tcp, address: { socket_address: { address: 127.0.0.1, port_value: 53 } }, filter_chains: [${CHAIN}] }`;
  assert.deepEqual(compile(`${udp}, ${tcp}`).errors, []);
  assert.match(compile(`${udp}, ${udp.replace("main", "b")}`).errors[0]!, /has duplicate address/);
});
