import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "@nuncio/api";
import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import { RecordingOwner, newMessage, nodeCalled } from "../client/stream-rig.test-support.ts";
import { XdsClient } from "../client/xds-client.ts";
import { XdsServer } from "../server/server.ts";
import { SnapshotCache } from "../server/snapshot-cache.ts";
import { Snapshot } from "../server/snapshot.ts";
import { typeUrlOf } from "../types/resource-type.ts";
import { versionedResource } from "../types/versioned-resource.ts";
import { directTransports } from "./direct-transports.ts";
import { EventQueue } from "./event-queue.test-support.ts";
import { listenGrpc } from "./grpc-server/grpc-server.ts";

function snapshot(version: string, clusters: Readonly<Record<string, string>>): Snapshot {
  const resources = Object.entries(clusters).flatMap(([name, altStatName]) => [
    versionedResource(newMessage("envoy.config.cluster.v3.Cluster", { name, altStatName }), {
      version: altStatName,
    }),
    versionedResource(
      newMessage("envoy.config.endpoint.v3.ClusterLoadAssignment", { clusterName: name }),
      { version: "e" },
    ),
  ]);
  return new Snapshot(resources, version);
}

function source(apiType: string): ConfigSource {
  const content = `api_config_source: {api_type: ${apiType}, transport_api_version: V3,
    grpc_services: [{envoy_grpc: {cluster_name: xds}}]}`;
  return load<ConfigSource>("envoy.config.core.v3.ConfigSource", [{ name: "s.yaml", content }])
    .message;
}

for (const apiType of ["GRPC", "DELTA_GRPC", "AGGREGATED_GRPC", "AGGREGATED_DELTA_GRPC"]) {
  test(
    `client and server understand each other: ${apiType}`,
    { timeout: 20_000 },
    async (context) => {
      const cache = new SnapshotCache();
      cache.set("both", snapshot("1", { a: "v1", b: "v1" }));
      const server = await listenGrpc(new XdsServer({ cache }));
      context.after(() => server.close());
      const url = `http://127.0.0.1:${server.address.port}`;
      const client = new XdsClient({
        node: nodeCalled("both"),
        transports: directTransports(() => ({ url })),
        random: () => 0,
      });
      context.after(() => client.close());

      const news = new EventQueue<string>();
      const endpoints = new Map<string, { cancel(): void }>();
      const clusters = new RecordingOwner();
      clusters.onTold = ({ added, removed }) => {
        const names = added.map(({ name }) => name);
        for (const name of names) news.push(`CDS +${name}`);
        for (const name of removed) news.push(`CDS -${name}`);
        for (const name of removed) endpoints.get(name)?.cancel();
        for (const name of names)
          if (!endpoints.has(name)) endpoints.set(name, watchEndpoints(name));
      };
      function watchEndpoints(name: string): { cancel(): void } {
        const owner = new RecordingOwner();
        owner.onTold = ({ added }) => {
          for (const one of added) news.push(`EDS +${one.name}`);
        };
        const typeUrl = typeUrlOf("EDS");
        return client.watch({ typeUrl, source: source(apiType), names: [name], callbacks: owner });
      }
      client.watch({
        typeUrl: typeUrlOf("CDS"),
        source: source(apiType),
        names: ["*"],
        callbacks: clusters,
      });
      const take = async (count: number): Promise<string[]> => {
        const taken: string[] = [];
        while (taken.length < count) taken.push(await news.next());
        return taken.toSorted();
      };
      assert.deepEqual(await take(4), ["CDS +a", "CDS +b", "EDS +a", "EDS +b"]);
      cache.set("both", snapshot("2", { b: "v2", c: "v1" }));
      assert.deepEqual(await take(4), ["CDS +b", "CDS +c", "CDS -a", "EDS +c"]);
    },
  );
}
