import assert from "node:assert/strict";
import { createHash } from "node:crypto";
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
import { listenGrpc } from "./grpc-server/grpc-server.ts";
import { Relay, type Fault } from "./relay.test-support.ts";

const CLUSTERS = ["a", "b", "c"];
/** Every so many bytes there is a connection that ends just there. */
const STEP_BYTES = 7;
const FRAME_HEAD_BYTES = 9;
const ALL = Number.MAX_SAFE_INTEGER;

function snapshot(version: number): Snapshot {
  const resources = CLUSTERS.flatMap((name) => [
    versionedResource(
      newMessage("envoy.config.cluster.v3.Cluster", { name, altStatName: `v${version}` }),
      { version: String(version) },
    ),
    versionedResource(
      newMessage("envoy.config.endpoint.v3.ClusterLoadAssignment", { clusterName: name }),
      { version: "e" },
    ),
  ]);
  return new Snapshot(resources, String(version));
}

function source(apiType: string): ConfigSource {
  const content = `api_config_source: {api_type: ${apiType}, transport_api_version: V3,
    grpc_services: [{envoy_grpc: {cluster_name: xds}}]}`;
  return load<ConfigSource>("envoy.config.core.v3.ConfigSource", [{ name: "s.yaml", content }])
    .message;
}

/** Ends at each point of either direction, and nonsense in the place of each frame of HTTP/2. */
function faultsOf(fromServer: Buffer, bytesFromClient: number): Fault[] {
  const faults: Fault[] = [];
  for (let at = 0; at < fromServer.length; at += STEP_BYTES)
    faults.push({ fromServer: at, fromClient: ALL });
  for (let at = 0; at < bytesFromClient; at += STEP_BYTES)
    faults.push({ fromServer: ALL, fromClient: at });
  for (let at = 0; at < fromServer.length;) {
    const instead = createHash("sha512").update(String(at)).digest();
    faults.push({ fromServer: at, fromClient: ALL, instead });
    at += FRAME_HEAD_BYTES + fromServer.readUIntBE(at, 3);
  }
  return faults;
}

for (const apiType of ["GRPC", "DELTA_GRPC", "AGGREGATED_GRPC", "AGGREGATED_DELTA_GRPC"]) {
  test(
    `wherever the connection breaks, the client has what the server has: ${apiType}`,
    { timeout: 60_000 },
    async (context) => {
      const cache = new SnapshotCache();
      cache.set("one", snapshot(0));
      const server = await listenGrpc(new XdsServer({ cache }));
      context.after(() => server.close());
      const relay = await Relay.open(server.address.port);
      context.after(() => relay.close());
      const client = new XdsClient({
        node: nodeCalled("one"),
        transports: directTransports(() => ({ url: `http://127.0.0.1:${relay.port}` })),
        random: () => 0,
      });
      context.after(() => client.close());

      const held = new Map<string, string>();
      let onNews = (): void => {};
      const has = (wanted: () => boolean): Promise<void> =>
        new Promise((resolve) => {
          onNews = () => {
            if (wanted()) resolve();
          };
          onNews();
        });
      for (const [type, names] of [
        ["CDS", ["*"]],
        ["EDS", CLUSTERS],
      ] as const) {
        const owner = new RecordingOwner();
        owner.onTold = ({ added, removed }) => {
          assert.deepEqual(removed, []);
          for (const { name, version } of added) held.set(`${type} ${name}`, version);
          onNews();
        };
        client.watch({
          typeUrl: typeUrlOf(type),
          source: source(apiType),
          names,
          callbacks: owner,
        });
      }
      const hasAll = (version: number): boolean =>
        CLUSTERS.every((name) => held.get(`CDS ${name}`) === String(version)) && held.size === 6;
      await has(() => hasAll(0));

      const faults = faultsOf(relay.bytesFromServer, relay.bytesFromClient);
      assert.ok(faults.length > 50, `${faults.length} faults`);
      let version = 0;
      for (const fault of faults) {
        version += 1;
        relay.faults.push(fault);
        relay.cut();
        cache.set("one", snapshot(version));
        await has(() => hasAll(version));
      }
    },
  );
}
