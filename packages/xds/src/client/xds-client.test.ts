import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "@nuncio/api";
import type {
  ApiConfigSource,
  ConfigSource,
} from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import { ManualClock } from "../server/manual-clock.test-support.ts";
import type {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  DiscoveryRequest,
  DiscoveryResponse,
} from "../types/discovery-messages.ts";
import { typeUrlOf } from "../types/resource-type.ts";
import { ConfigSourceError } from "./config-source.ts";
import {
  RecordingOwner,
  ScriptedTransport,
  nodeCalled,
  requestText,
  response,
} from "./stream-rig.test-support.ts";
import type { ClientWatchOptions, XdsClientOptions } from "./xds-client.ts";
import { XdsClient } from "./xds-client.ts";

function read(yaml: string): ConfigSource {
  return load<ConfigSource>("envoy.config.core.v3.ConfigSource", [
    { name: "s.yaml", content: yaml },
  ]).message;
}

function grpc(apiType: string, cluster = "xds", rest = ""): string {
  return `${rest}
api_config_source:
  api_type: ${apiType}
  transport_api_version: V3
  grpc_services: [{envoy_grpc: {cluster_name: ${cluster}}}]`;
}

function apiOf(source: ConfigSource): ApiConfigSource {
  assert.ok(source.configSourceSpecifier.case === "apiConfigSource");
  return source.configSourceSpecifier.value;
}

interface Rig {
  readonly client: XdsClient;
  readonly clock: ManualClock;
  /** Streams by their method. */
  readonly sotw: Map<string, ScriptedTransport<DiscoveryRequest, DiscoveryResponse>>;
  readonly delta: Map<string, ScriptedTransport<DeltaDiscoveryRequest, DeltaDiscoveryResponse>>;
  watch(
    type: string,
    source: string | null,
    more?: Partial<ClientWatchOptions>,
  ): RecordingOwner & {
    cancel(): void;
  };
}

function rig(options: Partial<XdsClientOptions> = {}): Rig {
  const clock = new ManualClock();
  const sotw: Rig["sotw"] = new Map();
  const delta: Rig["delta"] = new Map();
  const client = new XdsClient({
    node: nodeCalled("test"),
    clock,
    random: () => 0.5,
    adsConfig: apiOf(read(grpc("GRPC"))),
    transports: {
      sotw(source, method) {
        const target = source.service.targetSpecifier;
        const where = target.case === "envoyGrpc" ? target.value.clusterName : "";
        const transport = new ScriptedTransport<DiscoveryRequest, DiscoveryResponse>();
        sotw.set(`${where} ${method.name}`, transport);
        return transport;
      },
      delta(_, method) {
        const transport = new ScriptedTransport<DeltaDiscoveryRequest, DeltaDiscoveryResponse>();
        delta.set(method.name, transport);
        return transport;
      },
      rest: () => assert.fail("no polls here"),
      file: () => assert.fail("no files here"),
    },
    ...options,
  });
  return {
    client,
    clock,
    sotw,
    delta,
    watch(type, source, more = {}) {
      const owner = new RecordingOwner();
      const watch = client.watch({
        typeUrl: typeUrlOf(type),
        source: source === null ? null : read(source),
        names: ["*"],
        callbacks: owner,
        ...more,
      });
      return Object.assign(owner, { cancel: () => watch.cancel() });
    },
  };
}

test("ads is one stream for all types, and stays when nobody watches", () => {
  const { sotw, watch, client } = rig();
  const clusters = watch("CDS", "ads: {}");
  watch("LDS", "ads: {}\ninitial_fetch_timeout: 1s");
  const stream = sotw.get("xds StreamAggregatedResources")!;
  assert.equal(sotw.size, 1);
  stream.last.events.onOpen();
  assert.deepEqual(stream.last.take().map(requestText), ["CDS node []", "LDS node []"]);
  clusters.cancel();
  clusters.cancel();
  assert.equal(stream.last.isClosed, false);
  assert.deepEqual(
    client.status().sources.map(({ name }) => name),
    ["ads"],
  );
});

test("other sources have a stream for each type and control plane, closed with the last watch", () => {
  const { sotw, delta, watch, client } = rig();
  const first = watch("CDS", grpc("GRPC"));
  const second = watch("CDS", grpc("GRPC", "xds", "initial_fetch_timeout: 3s"));
  watch("LDS", grpc("GRPC"));
  watch("CDS", grpc("GRPC", "other"));
  watch("EDS", grpc("DELTA_GRPC"), { names: ["a"] });
  assert.deepEqual(
    [...sotw.keys()],
    ["xds StreamClusters", "xds StreamListeners", "other StreamClusters"],
  );
  assert.deepEqual([...delta.keys()], ["DeltaEndpoints"]);
  const stream = sotw.get("xds StreamClusters")!;
  assert.equal(stream.streams.length, 1);
  first.cancel();
  assert.equal(stream.last.isClosed, false);
  second.cancel();
  assert.equal(stream.last.isClosed, true);
  assert.deepEqual(
    client.status().sources.map(({ name }) => name),
    ["grpc LDS from xds", "grpc CDS from other", "grpc EDS from xds"],
  );
});

test("the source's timeout is the watch's, unless the watch has its own", () => {
  const { clock, watch } = rig();
  const slow = watch("CDS", "ads: {}");
  const quick = watch("CDS", "ads: {}\ninitial_fetch_timeout: 1s");
  const own = watch("CDS", "ads: {}\ninitial_fetch_timeout: 1s", { initialFetchTimeoutMs: 0 });
  clock.advance(1000);
  assert.deepEqual([slow.timeouts, quick.timeouts, own.timeouts], [0, 1, 0]);
  clock.advance(14_000);
  assert.deepEqual([slow.timeouts, quick.timeouts, own.timeouts], [1, 1, 0]);
});

test("self is where the parent came from", () => {
  const { sotw, watch } = rig();
  watch("CDS", "ads: {}");
  watch("EDS", "self: {}", { names: ["a"], parentSource: read("ads: {}") });
  assert.equal(sotw.size, 1);
  assert.throws(() => watch("EDS", "self: {}"), /self: expected to be within/);
});

test("the authority of xdstp names tells where they come from", () => {
  const { sotw, watch } = rig({
    configSources: [read(grpc("AGGREGATED_GRPC", "one", "authorities: [{name: cp.one}]"))],
    defaultConfigSource: read(grpc("AGGREGATED_GRPC", "fallback")),
  });
  const name = (authority: string, id: string): string =>
    `xdstp://${authority}/envoy.config.cluster.v3.Cluster/${id}`;
  watch("CDS", null, { names: [name("cp.one", "a")] });
  watch("CDS", null, { names: [name("cp.two", "b")] });
  assert.deepEqual(
    [...sotw.keys()],
    ["one StreamAggregatedResources", "fallback StreamAggregatedResources"],
  );
  const mixed = [name("cp.one", "a"), name("cp.two", "b")];
  assert.throws(() => watch("CDS", null, { names: mixed }), /one authority/);
  assert.throws(() => watch("CDS", null, { names: ["a"] }), /expected an xdstp:\/\/ name/);
});

test("sources that cannot be used are refused by name", () => {
  const { watch } = rig();
  assert.throws(() => watch("VHDS", grpc("GRPC")), /VHDS has no stream of the state-of-the-world/);
  const noAds = new XdsClient({ node: nodeCalled("x"), transports: {} as never });
  assert.throws(
    () =>
      noAds.watch({
        typeUrl: typeUrlOf("CDS"),
        source: read("ads: {}"),
        names: ["*"],
        callbacks: new RecordingOwner(),
      }),
    new ConfigSourceError("ads: there is no ads_config"),
  );
});

test("the status tells what is here, what was refused and why, and what is waited for", () => {
  const { client, clock, sotw, watch } = rig();
  const clusters = watch("CDS", "ads: {}");
  watch("EDS", "ads: {}", { names: ["e"] });
  const stream = sotw.get("xds StreamAggregatedResources")!;
  const resources = (index: number): unknown =>
    client.status().sources[0]?.types[index]?.resources.map(({ content, ...one }) => ({
      ...one,
      content: content === null ? null : "some",
    }));
  const waiting = {
    name: "e",
    content: null,
    state: "REQUESTED",
    version: null,
    acceptedAtMs: null,
    sinceMs: 0,
    expiresAtMs: null,
    error: null,
    waitsFor: "a connection to the control plane",
  };
  assert.deepEqual(resources(1), [waiting]);
  stream.last.events.onOpen();
  clock.advance(1000);
  stream.last.events.onMessage(response("CDS", "1", "n1", ["a=x"]));
  clock.advance(1000);
  clusters.onConfigUpdate = () => [{ name: "a", message: "no address", place: "load_assignment" }];
  stream.last.events.onMessage(response("CDS", "2", "n2", ["a=y"]));
  assert.deepEqual(resources(0), [
    {
      name: "a",
      state: "NACKED",
      content: "some",
      version: "1",
      acceptedAtMs: 1000,
      sinceMs: 1000,
      expiresAtMs: null,
      error: {
        message: "no address",
        place: "load_assignment",
        version: "2",
        atMs: 2000,
        isFromControlPlane: false,
      },
      waitsFor: null,
    },
  ]);
  clock.advance(13_000);
  assert.deepEqual(resources(1), [
    { ...waiting, state: "TIMEOUT", waitsFor: "an answer of the control plane" },
  ]);
});

test("what was refused and is nowhere in use waits for another content", () => {
  const { client, sotw, watch } = rig();
  const owner = watch("CDS", "ads: {}");
  owner.refuse = new Map([["a", "no address"]]);
  const stream = sotw.get("xds StreamAggregatedResources")!;
  stream.last.events.onOpen();
  stream.last.events.onMessage(response("CDS", "1", "n1", ["a"]));
  const [one] = client.status().sources[0]?.types[0]?.resources ?? [];
  assert.deepEqual([one?.state, one?.waitsFor], ["NACKED", "a content that is not refused"]);
});

test("what the control plane could not make is told, and what is here stays", () => {
  const { client, sotw, watch } = rig();
  const owner = watch("CDS", "ads: {}");
  const stream = sotw.get("xds StreamAggregatedResources")!;
  stream.last.events.onOpen();
  stream.last.events.onMessage(response("CDS", "1", "n1", ["a"]));
  stream.last.take();
  const message = response("CDS", "2", "n2", []);
  const name = { $typeName: "envoy.service.discovery.v3.ResourceName", name: "a" } as const;
  const errorDetail = { $typeName: "google.rpc.Status", code: 2, message: "no CA", details: [] };
  message.resourceErrors.push({
    $typeName: "envoy.service.discovery.v3.ResourceError",
    resourceName: name,
    errorDetail: errorDetail as never,
  });
  stream.last.events.onMessage(message);
  assert.deepEqual(stream.last.take().map(requestText), ["CDS node v=2 [] n=n2"]);
  assert.deepEqual(owner.take(), ["+a@1", ""]);
  const [one] = client.status().sources[0]?.types[0]?.resources ?? [];
  assert.deepEqual(
    [one?.state, one?.version, one?.error?.message],
    ["RECEIVED_ERROR", "1", "no CA"],
  );
});

test("a pause holds the requests of a type back on all streams", () => {
  const { client, clock, sotw, watch } = rig();
  watch("CDS", "ads: {}");
  const resume = client.pause([typeUrlOf("CDS")]);
  const stream = sotw.get("xds StreamAggregatedResources")!;
  stream.last.events.onOpen();
  assert.deepEqual(stream.last.take(), []);
  resume();
  clock.advance(0);
  assert.deepEqual(stream.last.take().map(requestText), ["CDS node []"]);
});
