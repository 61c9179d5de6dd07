import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test, type TestContext } from "node:test";
import { status } from "@grpc/grpc-js";
import { clusterYaml, httpBootstrap, ROUTER_FILTER } from "../../testing/bootstrap.ts";
import { GrpcClient, startGrpcServer, type GrpcServer } from "../../testing/grpc.ts";
import { RawClient } from "../../testing/origin.ts";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";

const HTTP2 = `typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http2_protocol_options: {} } } }`;
const STATS = `{ name: envoy.filters.http.grpc_stats, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.grpc_stats.v3.FilterConfig, stats_for_all_methods: true } }`;

interface Rig {
  readonly server: GrpcServer;
  readonly proxy: TestProxy;
  readonly client: GrpcClient;
}

/** What a rig differs in, in flow style. */
interface RigOptions {
  /** Fields of the route's action. */
  readonly action?: string;
  /** More fields of the route. */
  readonly route?: string;
  /** A filter before the others. */
  readonly filter?: string;
}

/** The real client, the proxy, the real server; HTTP/2 on both sides. */
async function startRig(t: TestContext, options: RigOptions = {}): Promise<Rig> {
  const { action = "timeout: 0s", route, filter } = options;
  const server = await startGrpcServer(t);
  const proxy = await startProxy(
    httpBootstrap(
      `http_filters: [${filter === undefined ? "" : `${filter}, `}${STATS}, ${ROUTER_FILTER}]
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes: [{ match: { prefix: / }, route: { cluster: origin, ${action} }${route === undefined ? "" : `, ${route}`} }]`,
      [clusterYaml("origin", server.port, HTTP2)],
    ),
  );
  t.after(() => proxy.close());
  return { server, proxy, client: new GrpcClient(t, proxy.port("main")) };
}

interface PingCounter {
  readonly port: number;
  /** Resolves when so many pings were answered. */
  untilAnswered(count: number): Promise<void>;
}

/** Stands before a proxy and counts the acknowledged PING frames that it sends. */
async function startPingCounter(t: TestContext, port: number): Promise<PingCounter> {
  let answered = 0;
  let wake: () => void = () => {};
  const relay = net.createServer((client) => {
    const proxy = net.connect(port, "127.0.0.1");
    client.pipe(proxy).pipe(client);
    client.on("error", () => proxy.destroy());
    proxy.on("error", () => client.destroy());
    let bytes: Buffer = Buffer.alloc(0);
    proxy.on("data", (data: Buffer) => {
      bytes = Buffer.concat([bytes, data]);
      while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
        if (bytes[3] === PING && bytes[4] === ACK) answered++;
        bytes = bytes.subarray(9 + bytes.readUIntBE(0, 3));
      }
      wake();
    });
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  t.after(() => relay.close());
  return {
    port: (relay.address() as net.AddressInfo).port,
    async untilAnswered(count) {
      while (answered < count) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}

const PING = 6;
const ACK = 1;

void test("a call of one message, with metadata both ways and in the trailers", async (t) => {
  const { client, proxy } = await startRig(t);
  const {
    message,
    initial,
    status: end,
  } = await client.unary(Buffer.from("hello"), {
    "x-echo": "one",
    "x-echo-bin": Buffer.from([0, 128, 255]),
  });
  assert.equal(message!.toString(), "hello");
  assert.deepEqual(initial.get("x-echo"), ["one"]);
  assert.deepEqual(initial.get("x-echo-bin"), [Buffer.from([0, 128, 255])]);
  assert.equal(end.code, status.OK);
  assert.deepEqual(end.metadata.get("x-trailer"), ["last"]);
  assert.deepEqual(end.metadata.get("x-trailer-bin"), [Buffer.from([0, 1, 255])]);
  assert.equal(proxy.stat("cluster.origin.grpc.test.Echo.Unary.0"), 1);
  assert.equal(proxy.stat("cluster.origin.grpc.test.Echo.Unary.request_message_count"), 1);
  assert.equal(proxy.stat("cluster.origin.grpc.test.Echo.Unary.response_message_count"), 1);
});

void test("an error comes with its status, its message and its metadata", async (t) => {
  const { client, proxy } = await startRig(t);
  const { error, status: end } = await client.unary(Buffer.alloc(0), { "x-fail": "9" });
  assert.equal(error!.code, status.FAILED_PRECONDITION);
  assert.equal(end.details, "wie befohlen: é");
  assert.deepEqual(end.metadata.get("x-trailer"), ["last"]);
  assert.equal(proxy.stat("cluster.origin.grpc.test.Echo.Unary.9"), 1);
});

void test("a message of 4 MiB passes in both directions", async (t) => {
  const { client } = await startRig(t);
  const large = Buffer.alloc(4 * 1024 * 1024, "0123456789abcdef");
  const { message } = await client.unary(large);
  assert.ok(large.equals(message!));
});

void test("the server streams, and a slow reader gets all of it", async (t) => {
  const { client, proxy } = await startRig(t);
  const call = client.serverStream(Buffer.alloc(10_000, "x"), { "x-count": "300" });
  const ended = once(call, "status");
  let bytes = 0;
  for await (const message of call) {
    bytes += (message as Buffer).length;
    if (bytes % 1_000_000 === 0) await new Promise(setImmediate);
  }
  assert.equal(bytes, 3_000_000);
  assert.equal(((await ended) as [{ code: number }])[0].code, status.OK);
  assert.equal(
    proxy.stat("cluster.origin.grpc.test.Echo.ServerStream.response_message_count"),
    300,
  );
});

void test("a stream that fails after some messages ends with its status", async (t) => {
  const { client } = await startRig(t);
  const call = client.serverStream(Buffer.from("x"), { "x-count": "3", "x-fail": "15" });
  let messages = 0;
  call.on("data", () => messages++);
  const [error] = (await once(call, "error")) as [{ code: number }];
  assert.equal(error.code, status.DATA_LOSS);
  assert.equal(messages, 3);
});

void test("the client streams", async (t) => {
  const { client, proxy } = await startRig(t);
  const answer = await new Promise<string>((resolve, reject) => {
    const call = client.clientStream((error, message) =>
      error === null ? resolve(message!.toString()) : reject(error),
    );
    for (let i = 0; i < 100; i++) call.write(Buffer.alloc(10_000));
    call.end();
  });
  assert.equal(answer, "100 1000000");
  assert.equal(proxy.stat("cluster.origin.grpc.test.Echo.ClientStream.request_message_count"), 100);
});

void test("both sides stream, message by message", async (t) => {
  const { client } = await startRig(t);
  const call = client.bidi();
  for (let i = 0; i < 20; i++) {
    call.write(Buffer.from(`message ${i}`));
    const [message] = (await once(call, "data")) as [Buffer];
    assert.equal(message.toString(), `message ${i}`);
  }
  call.end();
  call.resume();
  const [end] = (await once(call, "status")) as [{ code: number }];
  assert.equal(end.code, status.OK);
});

void test("a client that gives up is heard of by the server", async (t) => {
  const { client, server, proxy } = await startRig(t);
  const cancelled = server.untilCancelled();
  const call = client.bidi();
  const failed = once(call, "error");
  call.write(Buffer.from("x"));
  await once(call, "data");
  call.cancel();
  const [error] = (await failed) as [{ code: number }];
  assert.equal(error.code, status.CANCELLED);
  await cancelled;
  // The connection serves others, and nothing is left of the call.
  assert.equal((await client.unary(Buffer.from("y"))).message!.toString(), "y");
  assert.equal(proxy.stat("cluster.origin.upstream_rq_active"), 0);
});

void test("a deadline of the client ends the call at the server, too", async (t) => {
  const { client, server } = await startRig(t);
  const cancelled = server.untilCancelled();
  const { error } = await client.unary(
    Buffer.alloc(0),
    { "x-hang": "1" },
    { deadline: Date.now() + 150 },
  );
  assert.equal(error!.code, status.DEADLINE_EXCEEDED);
  await cancelled;
});

void test("a deadline that the route keeps is answered with DEADLINE_EXCEEDED", async (t) => {
  // Without the header the server knows of no deadline, and cannot be faster.
  const { client, server, proxy } = await startRig(t, {
    action: "max_stream_duration: { grpc_timeout_header_max: 0.1s }",
    route: "request_headers_to_remove: [grpc-timeout]",
  });
  const cancelled = server.untilCancelled();
  const { error } = await client.unary(
    Buffer.alloc(0),
    { "x-hang": "1" },
    { deadline: Date.now() + 60_000 },
  );
  assert.equal(error!.code, status.DEADLINE_EXCEEDED);
  assert.equal(error!.details, "downstream duration timeout");
  await cancelled;
  assert.equal(proxy.stat("http.in.downstream_rq_max_duration_reached"), 1);
});

void test("the route's timeout is UNAVAILABLE", async (t) => {
  const { client } = await startRig(t, { action: "timeout: 0.1s" });
  const { error } = await client.unary(Buffer.alloc(0), { "x-hang": "1" });
  assert.equal(error!.code, status.UNAVAILABLE);
  assert.equal(error!.details, "upstream request timeout");
});

void test("100 calls at once share a connection on each side", async (t) => {
  const { client, proxy } = await startRig(t);
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, (_, i) => client.unary(Buffer.from(`call ${i}`))),
  );
  outcomes.forEach(({ message }, i) => assert.equal(message!.toString(), `call ${i}`));
  assert.equal(proxy.stat("http.in.downstream_cx_total"), 1);
  assert.equal(proxy.stat("cluster.origin.upstream_cx_total"), 1);
});

void test("pings of a client that keeps its connection alive are answered", async (t) => {
  const { proxy } = await startRig(t);
  const relay = await startPingCounter(t, proxy.port("main"));
  const client = new GrpcClient(t, relay.port, {
    "grpc.keepalive_time_ms": 20,
    "grpc.keepalive_timeout_ms": 10_000,
    "grpc.keepalive_permit_without_calls": 1,
  });
  const call = client.bidi();
  call.write(Buffer.from("x"));
  await once(call, "data");
  await relay.untilAnswered(3);
  call.end();
  call.resume();
  const [end] = (await once(call, "status")) as [{ code: number }];
  assert.equal(end.code, status.OK);
});

void test("without a host the answer is UNAVAILABLE, in headers only", async (t) => {
  const proxy = await startProxy(
    httpBootstrap(
      `http_filters: [${ROUTER_FILTER}]
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes: [{ match: { prefix: / }, route: { cluster: none } }]`,
      ["{ name: none }"],
    ),
  );
  t.after(() => proxy.close());
  const client = new GrpcClient(t, proxy.port("main"));
  const { error } = await client.unary(Buffer.from("x"));
  assert.equal(error!.code, status.UNAVAILABLE);
  assert.equal(error!.details, "no healthy upstream");
});

/** One message in its frame. */
const FRAMED = "\0\0\0\0\x02hi";

function post(path: string, type: string, body: string, header = ""): string {
  return `POST ${path} HTTP/1.1\r\nhost: a\r\n${header}content-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

void test("a client of HTTP/1 calls through the bridge", async (t) => {
  const { proxy } = await startRig(t, {
    filter: `{ name: bridge, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.grpc_http1_bridge.v3.Config, upgrade_protobuf_to_grpc: true } }`,
  });
  const client = new RawClient(proxy.port("main"));
  t.after(() => client.close());
  await client
    .send(post("/test.Echo/Unary", "application/grpc", FRAMED))
    .until((text) => text.endsWith(FRAMED));
  assert.match(client.received, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(client.received, /\r\ngrpc-status: 0\r\n/);
  assert.match(client.received, /\r\ncontent-length: 7\r\n/);
  client.received = "";
  await client
    .send(post("/test.Echo/Unary", "application/x-protobuf", "hello"))
    .until((text) => text.endsWith("\r\n\r\nhello"));
  client.received = "";
  await client
    .send(post("/test.Echo/Unary", "application/grpc", FRAMED, "x-fail: 5\r\n"))
    .until((text) => text.endsWith("\r\n\r\n"));
  assert.match(client.received, /\r\ngrpc-status: 5\r\n/);
  assert.match(client.received, /\r\ngrpc-message: wie%20befohlen:%20%C3%A9\r\n/);
});

void test("a browser calls in gRPC-Web, over HTTP/1, in binary and in text", async (t) => {
  const { proxy } = await startRig(t, {
    filter: `{ name: web, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.grpc_web.v3.GrpcWeb } }`,
  });
  const client = new RawClient(proxy.port("main"));
  t.after(() => client.close());
  const binary = await client
    .send(post("/test.Echo/Unary", "application/grpc-web", FRAMED))
    .until((text) => text.endsWith("\r\n0\r\n\r\n"));
  assert.ok(binary.includes(FRAMED), binary);
  assert.match(binary, /\x80\0\0\0.[^]*grpc-status:0\r\n/);
  client.received = "";
  const accept = "accept: application/grpc-web-text\r\nx-count: 3\r\n";
  const text = await client
    .send(post("/test.Echo/ServerStream", "application/grpc-web-text", "AAAAAAJoaQ==", accept))
    .until((received) => received.endsWith("\r\n0\r\n\r\n"));
  const body = text
    .slice(text.indexOf("\r\n\r\n") + 4)
    .replaceAll(/(^|\r\n)[0-9a-f]+\r\n/g, "")
    .trimEnd();
  const decoded = body
    .split(/(?<==)(?=[^=])/)
    .map((part) => Buffer.from(part, "base64").toString("latin1"))
    .join("");
  assert.ok(decoded.startsWith(FRAMED.repeat(3)), decoded);
  assert.match(decoded.slice(FRAMED.length * 3), /^\x80\0\0\0.grpc-status:0\r\n/);
  assert.equal(proxy.stat("cluster.origin.grpc-web.test.Echo.ServerStream.0"), 1);
});
