import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, test } from "node:test";
import { create, fromBinary } from "@bufbuild/protobuf";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { cluster, endpoints, node } from "../../server/resources.test-support.ts";
import { XdsServer } from "../../server/server.ts";
import type { XdsCallbacks } from "../../server/server.ts";
import { SnapshotCache } from "../../server/snapshot-cache.ts";
import { Snapshot } from "../../server/snapshot.ts";
import { ADS_SERVICE, discoverySchemas } from "../../types/discovery-messages.ts";
import type {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  DiscoveryRequest,
  DiscoveryResponse,
} from "../../types/discovery-messages.ts";
import { typeUrlOf } from "../../types/resource-type.ts";
import { openCall } from "./grpc-call.test-support.ts";
import type { Call } from "./grpc-call.test-support.ts";
import { listenGrpc } from "./grpc-server.ts";
import type { GrpcServerOptions } from "./grpc-server.ts";

const CDS = typeUrlOf("CDS");
const EDS = typeUrlOf("EDS");
const schemas = discoverySchemas();

test("state of the world over ADS: resources arrive as they were put in", async () => {
  const { cache, open } = await fixture({}, { identifier: "cp-1" });
  const resource = cluster("a");
  cache.set("n", new Snapshot([resource]));
  const call = open<DiscoveryRequest, DiscoveryResponse>("StreamAggregatedResources");
  call.send(sotw({ typeUrl: CDS }));
  const response = await call.read();
  assert.equal(response.typeUrl, CDS);
  assert.equal(response.controlPlane?.identifier, "cp-1");
  assert.equal(response.versionInfo, cache.get("n")?.ofType(CDS).version);
  assert.deepEqual(
    response.resources.map(({ typeUrl, value }) => [typeUrl, value]),
    [[CDS, resource.value]],
  );
});

test("a change arrives when the response before it was answered", async () => {
  const { cache, open } = await fixture();
  cache.set("n", new Snapshot([endpoints("a")]));
  const call = open<DiscoveryRequest, DiscoveryResponse>("StreamAggregatedResources");
  call.send(sotw({ typeUrl: EDS, resourceNames: ["a"] }));
  const { nonce, versionInfo } = await call.read();
  cache.set("n", new Snapshot([endpoints("a", 2)]));
  const newest = endpoints("a", 3);
  cache.set("n", new Snapshot([newest]));
  call.send(sotw({ typeUrl: EDS, resourceNames: ["a"], responseNonce: nonce, versionInfo }));
  const next = await call.read();
  assert.deepEqual(next.resources[0]?.value, newest.value);
});

test("delta over ADS: names, versions, removals and heartbeats", async () => {
  const { cache, open } = await fixture();
  const mortal = endpoints("mortal", 1, { ttlMs: 100 });
  cache.set("n", new Snapshot([mortal]));
  const call = open<DeltaDiscoveryRequest, DeltaDiscoveryResponse>("DeltaAggregatedResources");
  call.send(delta({ typeUrl: EDS, resourceNamesSubscribe: ["mortal", "missing"] }));
  const first = await call.read();
  const [resource] = first.resources;
  assert.equal(resource?.name, "mortal");
  assert.equal(resource?.version, mortal.version);
  assert.equal(resource?.ttl?.nanos, 100e6);
  assert.deepEqual(resource?.resource?.value, mortal.value);
  assert.deepEqual(first.removedResources, ["missing"]);
  call.send(delta({ typeUrl: EDS, responseNonce: first.nonce }));
  const heartbeat = await call.read();
  assert.equal(heartbeat.resources[0]?.name, "mortal");
  assert.equal(heartbeat.resources[0]?.resource, undefined);
});

test("a resource with a time to live says it in the state-of-the-world variant as well", async () => {
  const { cache, open } = await fixture();
  const mortal = endpoints("mortal", 1, { ttlMs: 60_500 });
  cache.set("n", new Snapshot([mortal]));
  const call = open<DiscoveryRequest, DiscoveryResponse>("StreamAggregatedResources");
  call.send(sotw({ typeUrl: EDS, resourceNames: ["mortal"] }));
  const [any] = (await call.read()).resources;
  assert.equal(any?.typeUrl, "type.googleapis.com/envoy.service.discovery.v3.Resource");
  const resource = fromBinary(schemas.resource, any.value);
  assert.deepEqual(resource.resource?.value, mortal.value);
  assert.equal(resource.ttl?.seconds, 60n);
  assert.equal(resource.ttl?.nanos, 500e6);
});

test("each type has a service of its own", async () => {
  const { cache, open } = await fixture();
  cache.set("n", new Snapshot([cluster("a")]));
  const service = "envoy.service.cluster.v3.ClusterDiscoveryService";
  const one = open<DiscoveryRequest, DiscoveryResponse>("StreamClusters", service);
  one.send(sotw({}));
  assert.equal((await one.read()).resources.length, 1);
  const two = open<DeltaDiscoveryRequest, DeltaDiscoveryResponse>("DeltaClusters", service);
  two.send(delta({}));
  assert.equal((await two.read()).resources[0]?.name, "a");
});

test("a request that makes no sense ends the stream with the reason", async () => {
  const { open } = await fixture();
  const call = open<DiscoveryRequest, DiscoveryResponse>("StreamAggregatedResources");
  call.send(sotw({}));
  await assert.rejects(call.read(), refusal(Code.InvalidArgument, "type_url is required"));
});

test("a callback that throws refuses the client", async () => {
  const closed: string[] = [];
  const { open } = await fixture({
    onRequest({ node: client }) {
      closed.push(`request ${client?.id}`);
      throw new Error("not in this house");
    },
    onStreamClosed: ({ id }) => void closed.push(`closed ${id}`),
  });
  const call = open<DiscoveryRequest, DiscoveryResponse>("StreamAggregatedResources");
  call.send(sotw({ typeUrl: CDS }));
  await assert.rejects(call.read(), refusal(Code.FailedPrecondition, "not in this house"));
  assert.deepEqual(closed, ["request undefined", "closed 1"]);
});

test("a longer request than the limit is refused", async () => {
  const { open } = await fixture({}, { maxRequestBytes: 100 });
  const call = open<DiscoveryRequest, DiscoveryResponse>("StreamAggregatedResources");
  call.send(sotw({ typeUrl: CDS, resourceNames: ["x".repeat(100)] }));
  await assert.rejects(call.read(), refusal(Code.ResourceExhausted, "100"));
});

test("a client that goes leaves nothing behind", async () => {
  const gone = Promise.withResolvers<void>();
  const { cache, server, open } = await fixture({ onStreamClosed: () => gone.resolve() });
  const call = open<DiscoveryRequest, DiscoveryResponse>("StreamAggregatedResources");
  cache.set("n", new Snapshot([cluster("a")]));
  call.send(sotw({ typeUrl: CDS }));
  await call.read();
  assert.equal(server.status()[0]?.node?.id, "n");
  call.abort();
  await gone.promise;
  assert.deepEqual(server.status(), []);
});

test("a client that does not answer pings is given up", async () => {
  const { port } = await fixture({}, { keepaliveMs: 20 });
  const socket = connect(port, "127.0.0.1");
  const closed = once(socket, "close");
  socket.on("error", () => {}).resume();
  // The preface and empty SETTINGS, and not a word after that.
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  socket.write(Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0));
  await closed;
});

interface Fixture {
  readonly port: number;
  readonly cache: SnapshotCache;
  readonly server: XdsServer;
  open<Request, Response>(method: string, service?: string): Call<Request, Response>;
}

async function fixture(
  callbacks: XdsCallbacks = {},
  options: GrpcServerOptions = {},
): Promise<Fixture> {
  const cache = new SnapshotCache();
  const server = new XdsServer({ cache, callbacks });
  const listening = await listenGrpc(server, options);
  after(() => listening.close());
  const baseUrl = `http://127.0.0.1:${listening.address.port}`;
  return {
    port: listening.address.port,
    cache,
    server,
    open: (method, service = ADS_SERVICE) => openCall(baseUrl, service, method),
  };
}

function sotw(init: MessageInitShape<typeof schemas.request>): DiscoveryRequest {
  return create(schemas.request, { node: node(), ...init });
}

function delta(init: MessageInitShape<typeof schemas.deltaRequest>): DeltaDiscoveryRequest {
  return create(schemas.deltaRequest, { node: node(), ...init });
}

function refusal(code: Code, message: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof ConnectError && error.code === code && error.rawMessage.includes(message);
}
