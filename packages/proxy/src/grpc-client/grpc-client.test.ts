import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import net, { type AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { grpcFrameOf } from "@nuncio/codec";
import { sampleContext } from "../observe/format/sample-context.ts";
import { startGrpcServer } from "../testing/grpc.ts";
import type { TestProxy } from "../testing/proxy.ts";
import { turns, turnsUntil } from "../testing/turns.ts";
import type { GrpcCallCallbacks } from "./callbacks.ts";
import type { GrpcCallOptions, GrpcClient } from "./grpc-client.ts";
import { CallRecord, compileService, startGrpcClientRig } from "./testing/grpc-client-rig.ts";

const UNARY = "/test.Echo/Unary";
const BIDI = "/test.Echo/Bidi";

/** A call of one message, and how it ended: `= answer`, or its status and message. */
async function call(
  client: GrpcClient,
  message: Buffer,
  options?: GrpcCallOptions,
): Promise<string> {
  const outcome: string[] = [];
  const callbacks: GrpcCallCallbacks = {
    onSuccess: (response) => outcome.push(`= ${response.toString()}`),
    onFailure: (status, text) => outcome.push(`${status} ${text}`.trim()),
  };
  client.call(UNARY, message, callbacks, options);
  await turnsUntil(() => outcome.length > 0);
  return outcome.join();
}

/** A server that answers streams as the test likes, frame by frame. */
async function startServer(
  t: TestContext,
  answer: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
): Promise<number> {
  const server = createServer();
  const ends: (() => void)[] = [];
  server.on("session", (session) => {
    session.on("error", () => {});
    ends.push(() => session.destroy());
  });
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    stream.on("error", () => {});
    answer(stream, headers);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const end of ends) end();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** As main does when a control plane takes it away. */
function removeCluster({ post }: TestProxy): void {
  post({ kind: "cluster", update: { kind: "remove", cluster: "service", sequence: 1000 } });
}

/** A port where nobody listens. */
async function deadPort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

void test("a call of one message is answered, and counts for its cluster as an internal request", async (t) => {
  const { port } = await startGrpcServer(t);
  const { client, proxy } = await startGrpcClientRig(t, port);
  assert.equal(await call(client(), Buffer.from("hello")), "= hello");
  assert.equal(proxy.stat("cluster.service.upstream_rq_200"), 1);
  assert.equal(proxy.stat("cluster.service.internal.upstream_rq_200"), 1);
  assert.equal(proxy.stat("cluster.service.upstream_cx_http2_total"), 1);
  assert.equal(proxy.stat("http.async-client.rq_total"), 1);
  assert.equal(proxy.stat("cluster.service.upstream_rq_active"), 0);
});

void test("messages go both ways in their order, and larger ones than any window", async (t) => {
  const { port } = await startGrpcServer(t);
  const { client } = await startGrpcClientRig(t, port);
  const record = new CallRecord();
  const stream = client().start(BIDI, record);
  const large = Buffer.alloc(3_000_000, "x");
  for (const message of [Buffer.from("a"), large, Buffer.alloc(0), Buffer.from("b")])
    stream.send(message);
  stream.closeStream();
  await turnsUntil(() => record.closed);
  const events = record.events.filter((event) => event !== "above" && event !== "below");
  assert.deepEqual(events, ["metadata", "a", "3000000", "", "b", "close 0 OK"]);
  assert.deepEqual([stream.closed, stream.aboveWriteBufferHighWatermark], [true, false]);
});

void test("a call that fails has the status and the message of the server", async (t) => {
  const { port } = await startGrpcServer(t);
  const { client } = await startGrpcClientRig(t, port);
  const failing = client(
    "envoy_grpc: { cluster_name: service }, initial_metadata: [{ key: x-fail, value: '7' }]",
  );
  const text = Buffer.from("wie befohlen: é").toString("latin1");
  assert.equal(await call(failing, Buffer.from("x")), `7 ${text}`);
});

void test("what is not there ends a call at once", async (t) => {
  const { client, proxy } = await startGrpcClientRig(t, await deadPort());
  const answer = await call(client(), Buffer.from("x"));
  assert.match(answer, /^14 upstream connect error .* reset reason: remote connection failure/);
  assert.equal(proxy.stat("cluster.service.upstream_rq_503"), 1);
  const record = new CallRecord();
  const orphan = client();
  removeCluster(proxy);
  const stream = orphan.start(BIDI, record);
  assert.equal(stream.closed, true);
  stream.send(Buffer.from("dropped"));
  stream.closeStream();
  stream.reset();
  assert.deepEqual(record.events, ["close 14 Cluster not available"]);
});

void test("a stream is reset in the middle, or its cluster is removed", async (t) => {
  const streams: ServerHttp2Stream[] = [];
  const port = await startServer(t, (stream) => {
    streams.push(stream);
    stream.respond({ ":status": 200, "content-type": "application/grpc" });
    stream.write(grpcFrameOf(Buffer.from("a")));
  });
  const { client, proxy } = await startGrpcClientRig(t, port);
  const first = new CallRecord();
  const second = new CallRecord();
  client().start(BIDI, first).send(Buffer.from("x"));
  await turnsUntil(() => first.events.length === 2);
  streams[0]!.destroy(new Error());
  await turnsUntil(() => first.closed);
  assert.deepEqual(first.events, ["metadata", "a", "close 13"]);
  client().start(BIDI, second).send(Buffer.from("x"));
  await turnsUntil(() => second.events.length === 2);
  removeCluster(proxy);
  assert.deepEqual(second.events, ["metadata", "a", "close 13"]);
  await turnsUntil(() => streams[1]!.closed);
});

void test("an end without a status, or one that is no gRPC, is told as what it is", async (t) => {
  const answers: ((stream: ServerHttp2Stream) => void)[] = [
    (stream) => {
      stream.respond(
        { ":status": 200, "grpc-status": "5", "grpc-message": "not%20here" },
        { endStream: true },
      );
    },
    (stream) => {
      stream.respond({ ":status": 200 });
      stream.end(grpcFrameOf(Buffer.from("a")));
    },
    (stream) => {
      stream.respond({ ":status": 429 });
      stream.end("too many");
    },
    (stream) => {
      stream.respond({ ":status": 503, "grpc-status": "8" }, { endStream: true });
    },
    (stream) => {
      stream.respond({ ":status": 200 });
      const encoded = grpcFrameOf(Buffer.from("a"));
      encoded[0] = 1;
      stream.write(encoded);
    },
  ];
  const port = await startServer(t, (stream) => answers.shift()!(stream));
  const { client } = await startGrpcClientRig(t, port);
  for (const expected of ["5 not here", "2", "14", "8", "13"])
    assert.equal(await call(client(), Buffer.from("x")), expected);
});

void test("a server that is done before the client ends the call, and what is sent then is dropped", async (t) => {
  const port = await startServer(t, (stream) => {
    stream.respond({ ":status": 200, "grpc-status": "0" }, { endStream: true });
  });
  const { client, proxy } = await startGrpcClientRig(t, port);
  const record = new CallRecord();
  const stream = client().start(BIDI, record);
  stream.send(Buffer.from("first"));
  await turnsUntil(() => record.closed);
  stream.send(Buffer.from("late"), true);
  assert.deepEqual(record.events, ["close 0"]);
  await turnsUntil(() => proxy.stat("cluster.service.upstream_rq_active") === 0);
});

void test("a message over the limit ends the call", async (t) => {
  const { port } = await startGrpcServer(t);
  const { client } = await startGrpcClientRig(t, port);
  const limited = client("envoy_grpc: { cluster_name: service, max_receive_message_length: 4 }");
  assert.equal(await call(limited, Buffer.from("1234")), "= 1234");
  assert.equal(await call(limited, Buffer.from("12345")), "8");
});

void test("a call takes no longer than its timeout, of which the server is told", async (t) => {
  const seen: IncomingHttpHeaders[] = [];
  const port = await startServer(t, (_stream, headers) => seen.push(headers));
  const { client, proxy } = await startGrpcClientRig(t, port);
  const answer = await call(client(), Buffer.from("x"), { timeoutMs: 20 });
  assert.equal(answer, "14 upstream request timeout");
  assert.equal(seen[0]!["grpc-timeout"], "20m");
  assert.equal(proxy.stat("cluster.service.upstream_rq_timeout"), 1);
  assert.equal(proxy.stat("cluster.service.upstream_rq_active"), 0);
});

void test("a server that does not read holds the sender back until it does", async (t) => {
  const streams: ServerHttp2Stream[] = [];
  const port = await startServer(t, (stream) => streams.push(stream.pause()));
  const { client } = await startGrpcClientRig(t, port, "per_connection_buffer_limit_bytes: 4096");
  const record = new CallRecord();
  const stream = client().start(BIDI, record);
  const message = Buffer.alloc(16_384);
  while (!record.events.includes("above") || streams.length === 0) {
    stream.send(message);
    await turns(1);
  }
  assert.equal(stream.aboveWriteBufferHighWatermark, true);
  streams[0]!.resume();
  await turnsUntil(() => record.events.at(-1) === "below" && !stream.aboveWriteBufferHighWatermark);
  stream.reset();
});

void test("a call that is given up is reset at the server, and nothing more is told of it", async (t) => {
  const { port, untilCancelled } = await startGrpcServer(t);
  const { client, proxy } = await startGrpcClientRig(t, port);
  const record = new CallRecord();
  const stream = client().start(BIDI, record);
  stream.send(Buffer.from("x"));
  await turnsUntil(() => record.events.includes("x"));
  const told = record.events.length;
  const cancelled = untilCancelled();
  stream.reset();
  await cancelled;
  assert.equal(record.events.length, told);
  assert.equal(proxy.stat("cluster.service.upstream_rq_tx_reset"), 1);
});

void test("values of metadata are filled in from the request that asks, and are plain text without one", async (t) => {
  const seen: IncomingHttpHeaders[] = [];
  const port = await startServer(t, (stream, headers) => {
    seen.push(headers);
    stream.respond({ ":status": 200, "grpc-status": "0" }, { endStream: true });
  });
  const { client } = await startGrpcClientRig(t, port);
  const service = `initial_metadata: [{ key: X-Code, value: "%RESPONSE_CODE%" }]`;
  const plain = client(`envoy_grpc: { cluster_name: service }, ${service}`);
  const other = client(
    `envoy_grpc: { cluster_name: service, authority: a.test, skip_envoy_headers: true }, ${service}`,
  );
  await call(plain, Buffer.from("x"));
  await call(other, Buffer.from("x"), { context: sampleContext() });
  const shown = seen.map((headers) => [
    headers[":authority"],
    headers["x-code"],
    headers["x-envoy-internal"],
    headers["x-forwarded-for"],
    headers["te"],
  ]);
  const [code] = [String(sampleContext().streamInfo.responseCode)];
  assert.deepEqual(shown, [
    ["service", "%RESPONSE_CODE%", "true", "10.0.0.7", "trailers"],
    ["a.test", code, undefined, undefined, "trailers"],
  ]);
});

void test("a call that finds no connection is tried again as often as its policy says", async (t) => {
  const { client, proxy } = await startGrpcClientRig(t, await deadPort());
  const backOff = "retry_back_off: { base_interval: 0.001s, max_interval: 0.002s }";
  const retrying = client(
    `envoy_grpc: { cluster_name: service }, retry_policy: { retry_on: connect-failure, num_retries: 2, ${backOff} }`,
  );
  assert.match(await call(retrying, Buffer.from("x")), /^14 upstream connect error/);
  assert.equal(proxy.stat("cluster.service.upstream_cx_total"), 3);
  assert.equal(proxy.stat("cluster.service.upstream_rq_retry"), 2);
  assert.equal(proxy.stat("cluster.service.upstream_rq_retry_limit_exceeded"), 1);
  assert.equal(proxy.stat("cluster.service.circuit_breakers.default.rq_retry_open"), 0);
});

void test("a retry sends all of the request once more", async (t) => {
  const port = await deadPort();
  const { client, proxy } = await startGrpcClientRig(t, port);
  const backOff = "retry_back_off: { base_interval: 0.02s, max_interval: 0.02s }";
  const record = new CallRecord();
  const stream = client(
    `envoy_grpc: { cluster_name: service }, retry_policy: { retry_on: connect-failure, num_retries: 500, ${backOff} }`,
  ).start(BIDI, record);
  stream.send(Buffer.from("a"));
  await turnsUntil(() => (proxy.stat("cluster.service.upstream_rq_retry") ?? 0) > 0);
  stream.send(Buffer.from("b"), true);
  await startGrpcServer(t, port);
  await turnsUntil(() => record.closed);
  assert.deepEqual(record.events, ["metadata", "a", "b", "close 0 OK"]);
  assert.equal(proxy.stat("cluster.service.upstream_rq_retry_success"), 1);
});

void test("a service is refused with what is wrong with it", async (t) => {
  const { proxy } = await startGrpcClientRig(t, 1);
  const problems = (service: string): string[] => compileService(service, proxy).problems;
  assert.deepEqual(
    problems(
      "envoy_grpc: { cluster_name: service }, retry_policy: { retry_back_off: { base_interval: 2s, max_interval: 1s } }",
    ),
    ["max_interval must be greater than or equal to the base_interval"],
  );
});
