import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  Server,
  ServerCredentials,
  status,
  type handleBidiStreamingCall,
  type ServerDuplexStream,
} from "@grpc/grpc-js";
import { envoyTypes, load, toJson } from "@nuncio/api";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";
import { turnsUntil } from "../../testing/turns.ts";

const PACKAGE = "envoy.service.health.v3";
const HTTP2 =
  '{ envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http2_protocol_options: {} } } }';

interface Report {
  readonly cluster_endpoints_health?: {
    readonly cluster_name: string;
    readonly locality_endpoints_health: {
      readonly locality: object;
      readonly endpoints_health?: Health[];
    }[];
  }[];
  readonly endpoints_health?: Health[];
}

interface Health {
  readonly endpoint: { readonly address: { socket_address: { port_value: number } } };
  readonly health_status: string;
  readonly health_metadata?: { readonly http_status_code: number };
}

/** A server of HDS: what came on its streams, and how to say something. */
class HdsServer {
  readonly received: Record<string, unknown>[] = [];
  streams = 0;
  #call: ServerDuplexStream<Buffer, Buffer> | null = null;

  get reports(): Report[] {
    return this.received.flatMap((one) => (one["endpoint_health_response"] ?? []) as Report[]);
  }

  async listen(t: TestContext): Promise<number> {
    const identity = (bytes: Buffer): Buffer => bytes;
    const server = new Server();
    const path = `/${PACKAGE}.HealthDiscoveryService/StreamHealthCheck`;
    const method = {
      path,
      requestStream: true,
      responseStream: true,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    } as const;
    const handler: handleBidiStreamingCall<Buffer, Buffer> = (call) => this.#serve(call);
    server.addService({ StreamHealthCheck: method }, { StreamHealthCheck: handler });
    t.after(() => server.forceShutdown());
    return new Promise((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  say(yaml: string): void {
    const type = `${PACKAGE}.HealthCheckSpecifier`;
    const { message } = load(type, [{ name: "specifier.yaml", content: yaml }]);
    this.#call!.write(Buffer.from(toBinary(envoyTypes().getMessage(type)!, message)));
  }

  cut(): void {
    this.#call!.emit("error", { code: status.UNAVAILABLE, details: "cut" });
  }

  #serve(call: ServerDuplexStream<Buffer, Buffer>): void {
    this.streams += 1;
    this.#call = call;
    const type = envoyTypes().getMessage(`${PACKAGE}.HealthCheckRequestOrEndpointHealthResponse`)!;
    call.on("data", (bytes: Buffer) =>
      this.received.push(toJson(fromBinary(type, bytes)) as Record<string, unknown>),
    );
    call.on("error", () => {});
    call.on("end", () => call.end());
  }
}

async function origin(t: TestContext, code: number): Promise<{ port: number; asked: number }> {
  const seen = { port: 0, asked: 0 };
  const server = http.createServer((_, response) => {
    seen.asked += 1;
    response.writeHead(code).end();
  });
  server.listen(0);
  await once(server, "listening");
  t.after(() => server.close());
  seen.port = (server.address() as AddressInfo).port;
  return seen;
}

async function start(t: TestContext): Promise<{ server: HdsServer; proxy: TestProxy }> {
  const server = new HdsServer();
  const port = await server.listen(t);
  const address = `{ socket_address: { address: 127.0.0.1, port_value: ${port} } }`;
  const proxy = await startProxy(`
node: { id: proxy-1, cluster: test }
hds_config: { api_type: GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: hds } }] }
static_resources:
  clusters:
  - { name: hds, load_assignment: { cluster_name: hds, endpoints: [{ lb_endpoints: [{ endpoint: { address: ${address} } }] }] }, typed_extension_protocol_options: ${HTTP2} }`);
  t.after(() => proxy.close());
  await turnsUntil(() => server.received.length === 1);
  return { server, proxy };
}

function endpoint(port: number, more = ""): string {
  return `{ address: { socket_address: { address: 127.0.0.1, port_value: ${port} } }${more} }`;
}

function specifier(name: string, endpoints: readonly string[], check: string, more = ""): string {
  const times = "timeout: 5s, interval: 5s, no_traffic_interval: 0.02s";
  const thresholds = "healthy_threshold: 1, unhealthy_threshold: 1";
  return `
interval: 0.02s
cluster_health_checks:
- cluster_name: ${name}
  health_checks: [{ ${times}, ${thresholds}, ${check}${more} }]
  locality_endpoints: [{ locality: { region: r }, endpoints: [${endpoints.join(", ")}] }]`;
}

/** The newest report, as `port status`. */
function newest(server: HdsServer): string[] {
  return (server.reports.at(-1)?.endpoints_health ?? []).map(
    ({ endpoint: { address }, health_status: told, health_metadata: metadata }) =>
      `${address.socket_address.port_value} ${told} ${metadata?.http_status_code ?? "-"}`,
  );
}

const options = { timeout: 30_000 };
const HTTP = "http_health_check: { path: /ok }";

test("endpoints are checked for a server, and it is told how they are", options, async (t) => {
  const { server, proxy } = await start(t);
  assert.deepEqual(Object.keys(server.received[0]!["health_check_request"] as object).toSorted(), [
    "capability",
    "node",
  ]);
  const [good, bad] = [await origin(t, 200), await origin(t, 503)];
  const endpoints = [
    endpoint(good.port),
    endpoint(bad.port),
    endpoint(1),
    endpoint(2, `, health_check_config: { port_value: ${good.port} }`),
    endpoint(3, ", health_check_config: { disable_active_health_check: true }"),
  ];
  server.say(specifier("svc", endpoints, HTTP));
  const all = [
    `${good.port} HEALTHY 200`,
    `${bad.port} UNHEALTHY 503`,
    "1 UNHEALTHY -",
    "2 HEALTHY 200",
  ];
  await turnsUntil(() => newest(server).join() === all.join());
  const [cluster] = server.reports.at(-1)!.cluster_endpoints_health!;
  assert.equal(cluster!.cluster_name, "svc");
  assert.deepEqual(cluster!.locality_endpoints_health[0]!.locality, { region: "r" });
  assert.equal(cluster!.locality_endpoints_health[0]!.endpoints_health!.length, 4);
  assert.equal(proxy.stat("cluster.svc.health_check.healthy"), 2);
  assert.ok(proxy.stat("cluster.svc.health_check.network_failure")! > 0);
  assert.equal(proxy.stat("hds_delegate.updates"), 1);
  assert.ok(proxy.stat("hds_delegate.responses")! > 1);
});

test("endpoints that stay keep what is known of them", options, async (t) => {
  const { server, proxy } = await start(t);
  const [one, two] = [await origin(t, 200), await origin(t, 200)];
  // Not asked again in the time of the test.
  const slowly = HTTP + ", no_traffic_healthy_interval: 3600s";
  server.say(specifier("svc", [endpoint(one.port)], slowly));
  await turnsUntil(() => newest(server).join() === `${one.port} HEALTHY 200`);
  server.say(specifier("svc", [endpoint(one.port), endpoint(two.port)], slowly));
  const both = `${one.port} HEALTHY 200,${two.port} HEALTHY 200`;
  await turnsUntil(() => newest(server).join() === both);
  assert.equal(one.asked, 1);
  server.say(specifier("svc", [endpoint(two.port)], slowly));
  await turnsUntil(() => newest(server).join() === `${two.port} HEALTHY 200`);
  assert.equal(two.asked, 1);
  assert.equal(proxy.stat("cluster.svc.health_check.healthy"), 1);
  // Another check is another question.
  server.say(specifier("svc", [endpoint(two.port)], "tcp_health_check: {}"));
  await turnsUntil(() => newest(server).join() === `${two.port} HEALTHY -`);
});

test("what cannot be done is told, and what was asked before goes on", options, async (t) => {
  const { server, proxy } = await start(t);
  server.say(specifier("svc", [endpoint(1)], HTTP));
  await turnsUntil(() => newest(server).length === 1);
  server.say(specifier("svc", [endpoint(1)], "grpc_health_check: {}"));
  await turnsUntil(() => proxy.stat("hds_delegate.errors") === 1);
  assert.match(proxy.exceptions.join(), /not implemented yet: .*grpc_health_check/);
  // The same again is no update.
  server.say(specifier("svc", [endpoint(1)], HTTP));
  await turnsUntil(() => proxy.stat("hds_delegate.requests") === 3);
  assert.equal(proxy.stat("hds_delegate.updates"), 1);
  const before = server.reports.length;
  await turnsUntil(() => server.reports.length > before);
  assert.deepEqual([newest(server), server.streams], [["1 UNHEALTHY -"], 1]);
});

test(
  "connections that are used again are refused by name, others are what there is",
  options,
  async (t) => {
    const { server, proxy } = await start(t);
    server.say(specifier("svc", [endpoint(1)], HTTP + ", reuse_connection: true"));
    await turnsUntil(() => proxy.stat("hds_delegate.errors") === 1);
    assert.match(proxy.exceptions.join(), /reuse_connection: not implemented yet: true/);
    server.say(specifier("svc", [endpoint(1)], HTTP + ", reuse_connection: false"));
    await turnsUntil(() => newest(server).length === 1);
  },
);

test(
  "a stream that ends is opened again, and the server asked what it wants",
  options,
  async (t) => {
    const { server, proxy } = await start(t);
    const { port } = await origin(t, 200);
    server.say(specifier("svc", [endpoint(port)], HTTP));
    await turnsUntil(() => newest(server).join() === `${port} HEALTHY 200`);
    server.cut();
    await turnsUntil(() => server.streams === 2);
    assert.equal(proxy.stat("hds_delegate.errors"), 1);
    await turnsUntil(() => server.received.at(-1)?.["health_check_request"] !== undefined);
    const before = server.reports.length;
    server.say(specifier("svc", [endpoint(port)], HTTP));
    await turnsUntil(() => server.reports.length > before);
    assert.deepEqual(newest(server), [`${port} HEALTHY 200`]);
  },
);

test("hds_config has to lead to a stream", async () => {
  await assert.rejects(
    startProxy(
      "hds_config: { api_type: REST, transport_api_version: V3, cluster_names: [hds], refresh_delay: 1s }",
    ),
    /hds_config\.api_type: expected GRPC: health discovery is a stream/,
  );
});
