import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import type { JsonObject } from "@bufbuild/protobuf";
import { clusterYaml, httpBootstrap, ROUTER_FILTER } from "../../testing/bootstrap.ts";
import { RawClient } from "../../testing/origin.ts";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";
import { turns, turnsUntil } from "../../testing/turns.ts";
import { LogService } from "./testing/log-service.ts";

const HTTP2 =
  'typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http2_protocol_options: {} } } }';

/** A logger in flow style; `common` are fields of its common configuration, beginning with a comma. */
function log(kind: "Http" | "Tcp", name: string, common = "", cluster = "logs"): string {
  const type = `type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.${kind}GrpcAccessLogConfig`;
  const service = `grpc_service: { envoy_grpc: { cluster_name: ${cluster} } }, transport_api_version: V3`;
  return `{ name: ${name}, typed_config: { "@type": ${type}, common_config: { log_name: ${name}, ${service}${common} } } }`;
}

/** A proxy that answers everything itself, and logs to the service at `port`. */
async function startRig(t: TestContext, port: number, logs: string): Promise<TestProxy> {
  const proxy = await startProxy(
    `node: { id: the-node, cluster: the-cluster }${httpBootstrap(
      `access_log: [${logs}]
          http_filters: [${ROUTER_FILTER}]
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes: [{ match: { prefix: / }, direct_response: { status: 200 } }]`,
      [clusterYaml("logs", port, HTTP2)],
    )}`,
  );
  t.after(() => proxy.close());
  return proxy;
}

async function startService(
  t: TestContext,
  port = 0,
): Promise<{ service: LogService; port: number }> {
  const service = new LogService();
  const bound = await service.listen(port);
  t.after(() => service.close());
  return { service, port: bound };
}

/** A client that asks for paths, one after the other, on one connection. */
function client(t: TestContext, proxy: TestProxy): (path: string) => Promise<void> {
  const raw = new RawClient(proxy.port("main"));
  t.after(() => raw.close());
  let asked = 0;
  return async (path) => {
    asked++;
    raw.send(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
    await raw.until((received) => received.split("HTTP/1.1 200").length > asked);
  };
}

function pathsOf(entries: readonly JsonObject[]): unknown[] {
  return entries.map(({ request }) => (request as JsonObject)["path"]);
}

const stat = (proxy: TestProxy, name: string): number | undefined =>
  proxy.stat(`access_logs.grpc_access_log.${name}`);

void test("entries go out together, and the first message of a stream says who sends them", async (t) => {
  const { service, port } = await startService(t);
  const proxy = await startRig(t, port, log("Http", "a", ", buffer_flush_interval: 0.05s"));
  const ask = client(t, proxy);
  await ask("/1");
  await ask("/2");
  await turnsUntil(() => service.entries("a").length === 2);
  await ask("/3");
  await turnsUntil(() => service.entries("a").length === 3);
  assert.deepEqual(pathsOf(service.entries("a")), ["/1", "/2", "/3"]);
  const [stream] = service.streams;
  const [first, second] = stream!.messages;
  const { node, logName } = first!["identifier"] as JsonObject;
  const { id, cluster } = node as JsonObject;
  assert.deepEqual([id, cluster, logName], ["the-node", "the-cluster", "a"]);
  assert.equal(second!["identifier"], undefined);
  assert.equal(service.streams.length, 1);
  assert.equal(stat(proxy, "logs_written"), 3);
  assert.equal(stat(proxy, "grpc_entries_flushed"), 3);
});

void test("a full buffer goes out at once; with a size of 0 each entry does", async (t) => {
  const { service, port } = await startService(t);
  const never = ", buffer_flush_interval: 3600s";
  const logs = [
    log("Http", "full", `${never}, buffer_size_bytes: 500`),
    log("Http", "each", `${never}, buffer_size_bytes: 0`),
  ];
  const proxy = await startRig(t, port, logs.join(", "));
  const ask = client(t, proxy);
  for (const path of ["/1", "/2", "/3", "/4", "/5"]) await ask(path);
  await turnsUntil(() => service.entries("each").length === 5);
  const messages = (name: string): number[] =>
    service.streams
      .filter(({ messages: [first] }) => (first!["identifier"] as JsonObject)["logName"] === name)
      .map(({ messages: all }) => all.length);
  assert.deepEqual(messages("each"), [5]);
  await turnsUntil(() => service.entries("full").length > 0);
  // Three entries of this size fill it, the others wait.
  assert.deepEqual(pathsOf(service.entries("full")), ["/1", "/2", "/3"]);
});

void test("loggers with the same configuration share a stream; http and tcp do not", async (t) => {
  const { service, port } = await startService(t);
  const flush = ", buffer_flush_interval: 0.02s";
  const same = log("Http", "a", flush);
  const proxy = await startRig(t, port, [same, same, log("Tcp", "a", flush)].join(", "));
  await client(t, proxy)("/");
  await turnsUntil(() => service.entries("a").length === 3);
  assert.equal(service.streams.length, 2);
  const tcp = service.entries("a").filter((entry) => "connectionProperties" in entry);
  assert.equal(tcp.length, 1);
  assert.equal(stat(proxy, "logs_written"), 2);
});

void test("entries for a service that is not there are gone; when it is back, a new stream says who sends them", async (t) => {
  const first = await startService(t);
  const proxy = await startRig(t, first.port, log("Http", "a", ", buffer_size_bytes: 0"));
  const ask = client(t, proxy);
  await ask("/1");
  await turnsUntil(() => first.service.entries("a").length === 1);
  first.service.close();
  await turnsUntil(() => proxy.stat("cluster.logs.upstream_cx_active") === 0);
  await ask("/lost");
  await turnsUntil(() => proxy.stat("cluster.logs.upstream_rq_503") === 2);
  const second = await startService(t, first.port);
  await ask("/2");
  await turnsUntil(() => second.service.entries("a").length === 1);
  assert.deepEqual(pathsOf(second.service.entries("a")), ["/2"]);
  assert.equal(stat(proxy, "grpc_entries_flushed"), 3);
});

void test("grpc_stream_retry_policy keeps entries until there is a connection", async (t) => {
  const first = await startService(t);
  first.service.close();
  const policy =
    "{ num_retries: 100, retry_back_off: { base_interval: 0.03s, max_interval: 0.03s } }";
  const more = `, buffer_size_bytes: 0, grpc_stream_retry_policy: ${policy}`;
  const proxy = await startRig(t, first.port, log("Http", "a", more));
  const ask = client(t, proxy);
  await ask("/1");
  await turnsUntil(() => (proxy.stat("cluster.logs.upstream_rq_retry") ?? 0) > 0);
  await ask("/2");
  const second = await startService(t, first.port);
  await turnsUntil(() => second.service.entries("a").length === 2);
  assert.deepEqual(pathsOf(second.service.entries("a")), ["/1", "/2"]);
});

void test("a service that does not read costs entries, not memory", async (t) => {
  const streams: ServerHttp2Stream[] = [];
  const server = createServer();
  server.on("stream", (stream: ServerHttp2Stream) => {
    stream.on("error", () => {});
    streams.push(stream.pause());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const proxy = await startRig(t, port, log("Http", "a", ", buffer_size_bytes: 4096"));
  const ask = client(t, proxy);
  const path = `/${"x".repeat(3000)}`;
  while (stat(proxy, "logs_dropped") === 0) await ask(path);
  assert.ok(stat(proxy, "grpc_entries_flush_failed")! > 0);
  const dropped = stat(proxy, "logs_dropped")!;
  await ask(path);
  assert.equal(stat(proxy, "logs_dropped"), dropped + 1);
  // When it reads on, there is room again.
  streams[0]!.resume();
  await turnsUntil(() => proxy.stat("cluster.logs.upstream_flow_control_drained_total")! > 0);
  await turns(10);
  await ask(path);
  assert.equal(stat(proxy, "logs_dropped"), dropped + 1);
  streams[0]!.session!.destroy();
});

void test("a cluster that is not there yet costs entries until it is", async (t) => {
  const { port } = await startService(t);
  const more = ", buffer_size_bytes: 0";
  const proxy = await startRig(t, port, log("Http", "a", more, "nowhere"));
  await client(t, proxy)("/lost");
  assert.equal(stat(proxy, "logs_written"), 1);
  assert.equal(stat(proxy, "grpc_entries_flushed"), 1);
  assert.deepEqual(proxy.exceptions, []);
});

void test("a listener that goes sends what is left, and ends its stream", async (t) => {
  const { service, port } = await startService(t);
  const proxy = await startRig(t, port, log("Http", "a", ", buffer_flush_interval: 3600s"));
  const raw = new RawClient(proxy.port("main"));
  await raw.send("GET /1 HTTP/1.1\r\nhost: a\r\n\r\n").until((text) => text.includes("200"));
  proxy.post({ kind: "remove_listener", name: "main", generation: 1000 });
  await turns(5);
  assert.equal(service.streams.length, 0);
  raw.close();
  await turnsUntil(() => proxy.stat("cluster.logs.upstream_rq_200") === 1);
  assert.deepEqual(pathsOf(service.entries("a")), ["/1"]);
  await turnsUntil(() => proxy.stat("cluster.logs.upstream_rq_active") === 0);
});

void test("what cannot be is refused by name", async (t) => {
  const { port } = await startService(t);
  const google = log("Http", "a").replace(
    "envoy_grpc: { cluster_name: logs }",
    "google_grpc: { target_uri: a, stat_prefix: a }",
  );
  await assert.rejects(startRig(t, port, google), /google_grpc/);
  const old = log("Http", "a").replace("version: V3", "version: V2");
  await assert.rejects(startRig(t, port, old), /transport_api_version: expected V3/);
  const admin = `admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } }, access_log: [${log("Http", "a")}] }
static_resources: { clusters: [${clusterYaml("logs", port, HTTP2)}] }`;
  await assert.rejects(
    startProxy(admin),
    /not implemented yet: envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig for admin/,
  );
});
