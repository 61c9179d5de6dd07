import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import {
  fromBinary,
  fromJson,
  toBinary,
  toJson,
  type JsonObject,
  type JsonValue,
} from "@bufbuild/protobuf";
import { Server, ServerCredentials, status as Status, type handleUnaryCall } from "@grpc/grpc-js";
import { envoyTypes } from "@nuncio/api";
import { clusterYaml, httpBootstrap, ROUTER_FILTER } from "../../../../testing/bootstrap.ts";
import { RawClient, startOrigin } from "../../../../testing/origin.ts";
import { startProxy, type TestProxy } from "../../../../testing/proxy.ts";
import { turnsUntil } from "../../../../testing/turns.ts";

const PACKAGE = "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3";
const HTTP2 =
  'typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http2_protocol_options: {} } } }';

/** What the real gRPC library answers: a `CheckResponse`, a failure with a code, or nothing. */
type Answer = JsonObject | { readonly fails: number } | null;

interface Rig {
  readonly proxy: TestProxy;
  /** Attributes of the questions. */
  readonly asked: JsonObject[];
  readonly cancelled: number[];
  readonly client: RawClient;
  /** What came to the upstream. */
  upstream(): string;
}

async function start(t: TestContext, answer: Answer, fields = ""): Promise<Rig> {
  const asked: JsonObject[] = [];
  const cancelled: number[] = [];
  const server = new Server();
  t.after(() => server.forceShutdown());
  const check: handleUnaryCall<JsonObject, Buffer> = (call, done) => {
    asked.push(call.request["attributes"] as JsonObject);
    call.on("cancelled", () => cancelled.push(asked.length));
    if (answer === null) return;
    if ("fails" in answer) done({ code: answer.fails as number });
    else done(null, encode(answer));
  };
  server.addService(
    {
      check: {
        path: "/envoy.service.auth.v3.Authorization/Check",
        requestStream: false,
        responseStream: false,
        requestSerialize: () => Buffer.alloc(0),
        requestDeserialize: decode,
        responseSerialize: (bytes: Buffer) => bytes,
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    },
    { check },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const origin = await startOrigin(({ socket, received }) => {
    if (received.includes("\r\n\r\n"))
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
  });
  t.after(() => origin.close());
  const filter = `{ name: ea, typed_config: { "@type": ${PACKAGE}.ExtAuthz, transport_api_version: V3, grpc_service: { envoy_grpc: { cluster_name: auth }, timeout: 0s } ${fields} } }`;
  const proxy = await startProxy(
    httpBootstrap(
      `http_filters: [${filter}, ${ROUTER_FILTER}]
          route_config: { virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: origin } }] }] }`,
      [clusterYaml("origin", origin.port), clusterYaml("auth", port, HTTP2)],
    ),
  );
  t.after(() => proxy.close());
  const client = new RawClient(proxy.port("main"));
  t.after(() => client.close());
  const upstream = (): string => origin.connections.map(({ received }) => received).join("");
  return { proxy, asked, cancelled, client, upstream };
}

function codec(name: "CheckRequest" | "CheckResponse") {
  const types = envoyTypes();
  return { types: types as never, schema: types.getMessage(`envoy.service.auth.v3.${name}`)! };
}

function encode(json: JsonValue): Buffer {
  const { types, schema } = codec("CheckResponse");
  return Buffer.from(toBinary(schema, fromJson(schema, json, { registry: types })));
}

function decode(bytes: Buffer): JsonObject {
  const { types, schema } = codec("CheckRequest");
  return toJson(schema, fromBinary(schema, bytes), { registry: types }) as JsonObject;
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`;
}

void test("a service of gRPC allows, and changes request and response", async (t) => {
  const rig = await start(t, {
    okResponse: {
      headers: [{ header: { key: "x-user", value: "me" } }],
      responseHeadersToAdd: [{ header: { key: "x-seen", value: "1" } }],
      queryParametersToSet: [{ key: "u", value: "me" }],
    },
    dynamicMetadata: { a: "b" },
  });
  const answer = await rig.client.send(get("/p")).untilEnd();
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[^]*\r\nx-seen: 1\r\n[^]*hello$/);
  assert.match(rig.upstream(), /^GET \/p\?u=me HTTP\/1\.1\r\n[^]*\r\nx-user: me\r\n/);
  const http = (rig.asked[0]!["request"] as JsonObject)["http"] as JsonObject;
  assert.deepEqual([http["method"], http["path"]], ["GET", "/p"]);
  assert.equal(rig.proxy.stat("http.in.ext_authz.ok"), 1);
});

void test("a service of gRPC denies, and nothing goes to the upstream", async (t) => {
  const rig = await start(t, {
    status: { code: 16 },
    deniedResponse: { status: { code: 401 }, body: "who?" },
  });
  assert.match(await rig.client.send(get("/")).untilEnd(), /^HTTP\/1\.1 401 [^]*who\?$/);
  assert.equal(rig.upstream(), "");
  assert.equal(rig.proxy.stat("cluster.origin.ext_authz.denied"), 1);
});

void test("an answer that cannot be taken is 500", async (t) => {
  const header = { header: { key: "a b", value: "v" } };
  const rig = await start(t, { okResponse: { headers: [header] } }, ", validate_mutations: true");
  assert.match(await rig.client.send(get("/")).untilEnd(), /^HTTP\/1\.1 500 /);
  assert.equal(rig.upstream(), "");
  assert.equal(rig.proxy.stat("http.in.ext_authz.invalid"), 1);
});

void test("a call that fails denies", async (t) => {
  const rig = await start(t, { fails: Status.UNAVAILABLE });
  assert.match(await rig.client.send(get("/")).untilEnd(), /^HTTP\/1\.1 403 /);
  assert.equal(rig.proxy.stat("http.in.ext_authz.error"), 1);
});

void test("who leaves while a service of gRPC thinks ends the call", async (t) => {
  const rig = await start(t, null);
  rig.client.send(get("/"));
  await turnsUntil(() => rig.asked.length === 1);
  rig.client.close();
  await turnsUntil(() => rig.cancelled.length === 1);
  assert.equal(rig.proxy.stat("cluster.auth.upstream_rq_active"), 0);
  assert.deepEqual(rig.proxy.exceptions, []);
});

void test("what is not there is refused by name", async (t) => {
  await assert.rejects(
    start(t, {}, ", emit_filter_state_stats: true"),
    /not implemented yet: .*ExtAuthz.emit_filter_state_stats/,
  );
});
