import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "@nuncio/api";
import type { UdpProxyConfig as UdpProxyMessage } from "@nuncio/api/types/envoy/extensions/filters/udp/udp_proxy/v3/udp_proxy_pb";
import { testCompileContext } from "../../config/testing/compile-context.ts";
import { routeAction, routeTo } from "../testing/udp-rig.ts";
import { udpProxyConfigSide } from "./config.ts";
import type { UdpProxyConfig } from "./model.ts";

function compiled(fields: string): { config: UdpProxyConfig; errors: readonly string[] } {
  const { message, problems } = load<UdpProxyMessage>(udpProxyConfigSide.configType, [
    { name: "udp.yaml", content: `{ stat_prefix: s, ${fields} }` },
  ]);
  const config = udpProxyConfigSide.compile(message, testCompileContext(problems));
  return { config: structuredClone(config), errors: problems.list.map((each) => each.message) };
}

void test("a UDP proxy of two lines has Envoy's defaults", () => {
  const { config, errors } = compiled(routeTo("c"));
  assert.deepEqual(errors, []);
  assert.deepEqual(
    [config.idleTimeoutMs, config.hashPolicy, config.usePerPacketLoadBalancing],
    [60_000, null, false],
  );
  assert.deepEqual([config.logIntervalMs, config.upstreamSocket.maxRxDatagramBytes], [0, 65_535]);
  assert.deepEqual(config.clusterNames, ["c"]);
  assert.deepEqual(compiled("cluster: c").config.route, config.route);
});

void test("hash policies and limits", () => {
  const key = compiled(`${routeTo("c")}, hash_policies: [{ key: "ü" }]`).config;
  assert.deepEqual(key.hashPolicy, { kind: "key", key: "\u00c3\u00bc" });
  const ip = compiled(`${routeTo("c")}, hash_policies: [{ source_ip: true }]`).config;
  assert.deepEqual(ip.hashPolicy, { kind: "source_ip" });
  const socket = "upstream_socket_config: { prefer_gro: false }";
  assert.equal(
    compiled(`${routeTo("c")}, ${socket}`).config.upstreamSocket.maxRxDatagramBytes,
    1500,
  );
});

void test("a matcher knows of addresses and ports, and of nothing else", () => {
  const by = (input: string): string =>
    `matcher: { matcher_tree: { input: { name: i, typed_config: { "@type": type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.${input} } }, exact_match_map: { map: { a: { action: ${routeAction("a")} }, b: { action: ${routeAction("b")} } } } } }`;
  const { config, errors } = compiled(by("DestinationPortInput"));
  assert.deepEqual([config.clusterNames, errors], [["a", "b"], []]);
  assert.match(
    compiled(by("ServerNameInput")).errors[0]!,
    /^Didn't find a registered implementation/,
  );
  assert.match(
    compiled(by("SourceIPInput").replace("{ action", "{ keep_matching: true, action")).errors[0]!,
    /keep_matching is not supported/,
  );
});
