import assert from "node:assert/strict";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { load } from "@nuncio/api";
import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import { aggregatedMethod, streamMethod } from "../client/discovery-method.ts";
import {
  RecordingOwner,
  deltaResponse,
  nodeCalled,
  requestText,
  response,
} from "../client/stream-rig.test-support.ts";
import { XdsClient } from "../client/xds-client.ts";
import type { DeltaDiscoveryRequest, DiscoveryRequest } from "../types/discovery-messages.ts";
import { typeUrlOf } from "../types/resource-type.ts";
import { directTransports } from "./direct-transports.ts";
import { EventQueue } from "./event-queue.test-support.ts";

type Requests = AsyncIterator<DiscoveryRequest | DeltaDiscoveryRequest>;
type Script = (requests: Requests, headers: Headers, signal: AbortSignal) => AsyncGenerator<object>;

/** A control plane that follows a script for each stream of a method, one after the other. */
async function scriptedServer(
  context: TestContext,
  method: DescMethod,
  scripts: readonly Script[],
): Promise<{ url: string; sessions: Set<http2.ServerHttp2Session> }> {
  const waiting = [...scripts];
  const handler = connectNodeAdapter({
    routes: (router) =>
      router.rpc(
        method as never,
        async function* (
          requests: AsyncIterable<DiscoveryRequest>,
          { requestHeader, signal }: { requestHeader: Headers; signal: AbortSignal },
        ) {
          const script = waiting.shift();
          if (script === undefined) throw new ConnectError("no script", Code.Internal);
          yield* script(requests[Symbol.asyncIterator](), requestHeader, signal);
        } as never,
      ),
  });
  const server = http2.createServer(handler);
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on("session", (session) => sessions.add(session));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  context.after(async () => {
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sessions };
}

function clientOf(context: TestContext, url: string): XdsClient {
  const client = new XdsClient({
    node: nodeCalled("e2e"),
    transports: directTransports(() => ({ url, messageBytesMax: 10_000 })),
    // No wait before the next attempt.
    random: () => 0,
  });
  context.after(() => client.close());
  return client;
}

function source(apiType: string): ConfigSource {
  const yaml = `api_config_source:
  api_type: ${apiType}
  transport_api_version: V3
  set_node_on_first_message_only: true
  grpc_services:
  - envoy_grpc: {cluster_name: xds}
    initial_metadata: [{key: x-token, value: secret}]`;
  return load<ConfigSource>("envoy.config.core.v3.ConfigSource", [
    { name: "s.yaml", content: yaml },
  ]).message;
}

async function next(requests: Requests): Promise<string> {
  const { done, value } = await requests.next();
  return done === true ? "end" : requestText(value);
}

/** An owner whose updates can be waited for. */
function watchClusters(
  client: XdsClient,
  config: ConfigSource,
): {
  owner: RecordingOwner;
  told(): Promise<string>;
} {
  const owner = new RecordingOwner();
  const updates = new EventQueue<string>();
  owner.onTold = () => updates.push(owner.take().join());
  client.watch({ typeUrl: typeUrlOf("CDS"), source: config, names: ["*"], callbacks: owner });
  return { owner, told: async () => await updates.next() };
}

const options = { timeout: 20_000 };

test("a stream for all types, its end, and the one after it", options, async (context) => {
  const seen: string[] = [];
  const done = new EventQueue<null>();
  const { url } = await scriptedServer(context, aggregatedMethod(false), [
    async function* (requests, headers) {
      seen.push(headers.get("x-token") ?? "", await next(requests));
      yield response("CDS", "1", "n1", ["a"]);
      seen.push(await next(requests));
      throw new ConnectError("try another", Code.Unavailable);
    },
    async function* (requests) {
      seen.push(await next(requests));
      yield response("CDS", "2", "m1", ["a", "b"]);
      seen.push(await next(requests));
      done.push(null);
      await requests.next();
    },
  ]);
  const { owner, told } = watchClusters(clientOf(context, url), source("AGGREGATED_GRPC"));
  assert.equal(await told(), "+a@1");
  assert.equal(await told(), "+b@2");
  await done.next();
  assert.deepEqual(seen, [
    "secret",
    "CDS node []",
    "CDS v=1 [] n=n1",
    "CDS node v=1 []",
    "CDS v=2 [] n=m1",
  ]);
  assert.deepEqual(owner.failures, ["Unavailable: try another"]);
});

test(
  "a stream of one type in delta, and what is kept when it ends in good order",
  options,
  async (context) => {
    const seen: string[] = [];
    const done = new EventQueue<null>();
    const { url } = await scriptedServer(context, streamMethod(typeUrlOf("CDS"), true)!, [
      async function* (requests) {
        seen.push(await next(requests));
        yield deltaResponse("CDS", "n1", ["a@1", "b@1"]);
        seen.push(await next(requests));
      },
      async function* (requests) {
        seen.push(await next(requests));
        yield deltaResponse("CDS", "m1", ["a=x@2"], ["b"]);
        seen.push(await next(requests));
        done.push(null);
        await requests.next();
      },
    ]);
    const { owner, told } = watchClusters(clientOf(context, url), source("DELTA_GRPC"));
    assert.equal(await told(), "+a@1 +b@1");
    assert.equal(await told(), "+a@2 -b");
    await done.next();
    assert.deepEqual(seen, ["CDS node", "CDS n=n1", "CDS node have=a@1,b@1", "CDS n=m1"]);
    assert.deepEqual(owner.failures, ["the control plane ended the stream"]);
  },
);

test(
  "a connection that breaks, and a message that is too long, end the stream only",
  options,
  async (context) => {
    const { url, sessions } = await scriptedServer(context, aggregatedMethod(false), [
      async function* (requests) {
        await next(requests);
        yield response("CDS", "1", "n1", ["a"]);
        await next(requests);
        for (const session of sessions) session.destroy();
        await requests.next();
      },
      async function* (requests) {
        await next(requests);
        yield response("CDS", "2", "n1", [`a=${"x".repeat(10_000)}`]);
        await requests.next();
      },
      async function* (requests) {
        await next(requests);
        yield response("CDS", "3", "n1", ["b"]);
        await requests.next();
      },
    ]);
    const { owner, told } = watchClusters(clientOf(context, url), source("AGGREGATED_GRPC"));
    assert.equal(await told(), "+a@1");
    assert.equal(await told(), "+b@3 -a");
    assert.equal(owner.failures.length, 2);
    assert.match(owner.failures[1] ?? "", /^ResourceExhausted: /);
  },
);

test(
  "garbage and half a message end the stream, and nothing of them is taken",
  options,
  async (context) => {
    const garbage = Buffer.from([0, 0, 0, 0, 3, 0x0a, 0xff, 0xff]);
    const half = Buffer.from([0, 0, 0, 0, 100, 0x0a, 1, 0x31]);
    const answers = [garbage, half];
    const server = http2.createServer();
    server.on("stream", (stream: http2.ServerHttp2Stream) => {
      stream.on("error", () => {});
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { endStream: false });
      const answer = answers.shift();
      if (answer !== undefined) stream.end(answer);
    });
    const sessions = new Set<http2.ServerHttp2Session>();
    server.on("session", (session) => sessions.add(session));
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    context.after(() => {
      for (const session of sessions) session.destroy();
      server.close();
    });
    const client = clientOf(context, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const owner = new RecordingOwner();
    const failures = new EventQueue<string>();
    owner.onConnectionFailure = (reason) => failures.push(reason);
    const typeUrl = typeUrlOf("CDS");
    client.watch({ typeUrl, source: source("GRPC"), names: ["*"], callbacks: owner });
    const reasons = [await failures.next(), await failures.next()];
    assert.ok(reasons.every((reason) => typeof reason === "string" && reason !== ""));
    assert.deepEqual(owner.take(), []);
  },
);

test("a control plane that is not there is tried again until it is", options, async (context) => {
  const probe = http2.createServer();
  await new Promise<void>((resolve) => {
    probe.listen(0, "127.0.0.1", resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  const client = clientOf(context, `http://127.0.0.1:${port}`);
  const owner = new RecordingOwner();
  const failures = new EventQueue<string>();
  owner.onConnectionFailure = (reason) => failures.push(reason);
  client.watch({
    typeUrl: typeUrlOf("CDS"),
    source: source("AGGREGATED_GRPC"),
    names: ["*"],
    callbacks: owner,
  });
  for (let attempt = 0; attempt < 3; attempt++) assert.match(await failures.next(), /ECONNREFUSED/);
  const [{ stream } = { stream: undefined }] = client.status().sources;
  assert.equal(stream?.connectedSinceMs, null);
  assert.match(stream?.lastDisconnect?.reason ?? "", /ECONNREFUSED/);
});

test("when the last watch goes, so does the connection", options, async (context) => {
  const ended = new EventQueue<string>();
  const { url } = await scriptedServer(context, streamMethod(typeUrlOf("CDS"), false)!, [
    async function* (requests, _, signal) {
      signal.addEventListener("abort", () => ended.push("ended"));
      await next(requests);
      yield response("CDS", "1", "n1", ["a"]);
      await next(requests);
      await requests.next();
    },
  ]);
  const client = clientOf(context, url);
  const owner = new RecordingOwner();
  const updates = new EventQueue<null>();
  owner.onTold = () => updates.push(null);
  const typeUrl = typeUrlOf("CDS");
  const watch = client.watch({ typeUrl, source: source("GRPC"), names: ["*"], callbacks: owner });
  await updates.next();
  watch.cancel();
  assert.equal(await ended.next(), "ended");
  assert.deepEqual(client.status().sources, []);
  assert.deepEqual(owner.failures, []);
});
