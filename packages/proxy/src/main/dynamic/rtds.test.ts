import assert from "node:assert/strict";
import { test } from "node:test";
import { adsBootstrap, startControlPlane } from "../../testing/control-plane.ts";
import { RawClient } from "../../testing/origin.ts";
import { startProxy } from "../../testing/proxy.ts";
import { turnsUntil } from "../../testing/turns.ts";

const LAYERS = `
layered_runtime:
  layers:
  - { name: base, static_layer: { share: 100 } }
  - { name: remote, rtds_layer: { name: over, rtds_config: { resource_api_version: V3, ads: {} } } }
`;

const HCM =
  "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

/** Routes to "first" by a share of the runtime, else to "other". */
const LISTENER = `
name: web
address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
filter_chains:
- filters:
  - name: http
    typed_config:
      "@type": ${HCM}
      stat_prefix: in
      http_filters: [{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]
      route_config:
        virtual_hosts:
        - name: all
          domains: ["*"]
          routes:
          - match: { prefix: /, runtime_fraction: { default_value: { numerator: 0 }, runtime_key: share } }
            direct_response: { status: 200, body: { inline_string: first. } }
          - { match: { prefix: / }, direct_response: { status: 200, body: { inline_string: other. } } }`;

for (const type of ["GRPC", "DELTA_GRPC"] as const) {
  test(`${type}: a layer comes, changes, is refused and goes`, async (t) => {
    const plane = await startControlPlane(t);
    const give = (layer: string | null): void =>
      plane.set({
        LDS: [LISTENER],
        ...(layer === null ? {} : { RTDS: [`{ name: over, layer: ${layer} }`] }),
      });
    give("{ share: 0 }");
    const proxy = await startProxy(`${adsBootstrap(plane.port, type)}${LAYERS}`);
    t.after(() => proxy.close());
    const client = new RawClient(proxy.port("web"));
    t.after(() => client.close());
    const ask = async (): Promise<string> => {
      client.received = "";
      client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
      await client.until((text) => text.endsWith("."));
      return client.received.split("\r\n\r\n")[1]!;
    };
    assert.equal(await ask(), "other.");
    give("{ share: 100, more: 1 }");
    await turnsUntil(() => proxy.stat("runtime.num_keys") === 2);
    assert.equal(await ask(), "first.");
    give("{ share: [1, 2] }");
    await turnsUntil(() => proxy.stat("runtime.update_rejected") === 1);
    assert.equal(await ask(), "first.");
    give("{ share: 0 }");
    await turnsUntil(() => proxy.stat("runtime.update_success") === 3);
    assert.equal(await ask(), "other.");
    if (type === "GRPC") return;
    // In the other variant what is left out of a response is not gone.
    give(null);
    await turnsUntil(() => proxy.stat("runtime.update_success") === 4);
    assert.equal(await ask(), "first.");
  });
}
