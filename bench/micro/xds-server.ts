/**
 * The management server alone, on one core: 1,000 clients on ADS, each with 1,000 resources, then changes that all of them
 * want, then changes that two of them want. Responses are encoded and no socket is written to; what the clients do to
 * answer is in the figures. Prints; fails when a client does not get what it is to get.
 *
 *   node --expose-gc bench/micro/xds-server.ts
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { envoyTypes } from "@nuncio/api";
import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import { Snapshot, SnapshotCache, XdsServer, readResource, typeUrlOf } from "@nuncio/xds";
import type { ServerStream, VersionedResource, XdsResponse } from "@nuncio/xds";
import { deltaMessage, sotwMessage } from "../../packages/xds/src/transport/response-message.ts";
import { discoverySchemas } from "../../packages/xds/src/types/discovery-messages.ts";

const CLIENTS = 1_000;
const RESOURCES = 500;
const CHANGES = 200;
const CDS = typeUrlOf("CDS");
const EDS = typeUrlOf("EDS");
const schemas = discoverySchemas();
const node = Object.assign(create(envoyTypes().getMessage("envoy.config.core.v3.Node")!) as Node, {
  id: "n",
});

/** What a variant's client sends, and how the server's answer becomes bytes. */
interface Variant {
  readonly name: string;
  open(server: XdsServer, onReady: () => void): ServerStream<unknown>;
  subscribe(typeUrl: string, names: string[]): unknown;
  ack(response: XdsResponse, names: string[]): unknown;
  encode(response: XdsResponse): Uint8Array;
}

const sotw: Variant = {
  name: "state of the world",
  open: (server, onReady) => server.openSotw({ onReady }),
  subscribe: (typeUrl, resourceNames) => create(schemas.request, { node, typeUrl, resourceNames }),
  ack: ({ typeUrl, nonce, version }, resourceNames) =>
    create(schemas.request, { typeUrl, responseNonce: nonce, versionInfo: version, resourceNames }),
  encode: (response) => toBinary(schemas.response, sotwMessage(response, "bench")),
};

const delta: Variant = {
  name: "delta",
  open: (server, onReady) => server.openDelta({ onReady }),
  subscribe: (typeUrl, names) =>
    create(schemas.deltaRequest, { node, typeUrl, resourceNamesSubscribe: names }),
  ack: ({ typeUrl, nonce }) => create(schemas.deltaRequest, { typeUrl, responseNonce: nonce }),
  encode: (response) => toBinary(schemas.deltaResponse, deltaMessage(response, "bench")),
};

/** A client that reads and accepts at once. */
class Client {
  readonly #variant: Variant;
  readonly #stream: ServerStream<unknown>;
  readonly #names = new Map<string, string[]>();
  ready = false;
  resources = 0;
  bytes = 0;

  constructor(variant: Variant, server: XdsServer) {
    this.#variant = variant;
    this.#stream = variant.open(server, () => {
      this.ready = true;
    });
  }

  subscribe(typeUrl: string, names: string[]): void {
    this.#names.set(typeUrl, names);
    this.#stream.receive(this.#variant.subscribe(typeUrl, names));
  }

  drain(): void {
    this.ready = false;
    for (;;) {
      const response = this.#stream.next();
      if (response === undefined) return;
      this.resources += response.resources.length;
      this.bytes += this.#variant.encode(response).length;
      this.#stream.receive(this.#variant.ack(response, this.#names.get(response.typeUrl) ?? []));
    }
  }

  close(): void {
    this.#stream.close();
  }
}

function clusters(): VersionedResource[] {
  return Array.from({ length: RESOURCES }, (_, index) =>
    readResource("CDS", {
      name: `cluster-${index}`,
      type: "EDS",
      connect_timeout: "1s",
      eds_cluster_config: { eds_config: { resource_api_version: "V3", ads: {} } },
    }),
  );
}

function assignment(index: number, port: number): VersionedResource {
  const address = { socket_address: { address: "10.0.0.1", port_value: port } };
  return readResource("EDS", {
    cluster_name: `cluster-${index}`,
    endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }],
  });
}

function run(variant: Variant): void {
  const cache = new SnapshotCache();
  const server = new XdsServer({ cache });
  const fixed = clusters();
  const assignments = fixed.map((_, index) => assignment(index, 1_000));
  cache.set("n", new Snapshot([...fixed, ...assignments]));
  const names = assignments.map(({ name }) => name);
  const heapBefore = heap();
  const clients = Array.from({ length: CLIENTS }, () => new Client(variant, server));

  const firstMs = timed(() => {
    for (const client of clients) {
      client.subscribe(CDS, []);
      client.drain();
      client.subscribe(EDS, names);
      client.drain();
    }
  });
  expectSum(clients, CLIENTS * RESOURCES * 2);
  const megabytes = clients.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  console.log(
    `${variant.name}: ${CLIENTS} clients, ${RESOURCES * 2} resources each: ${firstMs.toFixed(0)} ms ` +
      `for ${megabytes.toFixed(0)} MB, ${((heap() - heapBefore) / CLIENTS / 1024).toFixed(0)} KiB a client`,
  );

  const changeMs = timed(() => {
    for (let change = 0; change < CHANGES; change += 1) {
      assignments[change] = assignment(change, 2_000);
      cache.set("n", new Snapshot([...fixed, ...assignments]));
      for (const client of clients) if (client.ready) client.drain();
    }
  });
  expectSum(clients, CLIENTS * (RESOURCES * 2 + CHANGES));
  console.log(
    `${variant.name}: one of the resources changes, all clients want it: ${(changeMs / CHANGES).toFixed(2)} ms ` +
      `a change, ${((changeMs / CHANGES / CLIENTS) * 1_000).toFixed(1)} us a client`,
  );
  for (const client of clients) client.close();
}

/** Each client wants one resource of the 500. */
function runApart(variant: Variant): void {
  const cache = new SnapshotCache();
  const server = new XdsServer({ cache });
  const assignments = Array.from({ length: RESOURCES }, (_, index) => assignment(index, 1_000));
  cache.set("n", new Snapshot(assignments));
  const clients = Array.from({ length: CLIENTS }, (_, index) => {
    const client = new Client(variant, server);
    client.subscribe(EDS, [assignments[index % RESOURCES]!.name]);
    client.drain();
    return client;
  });
  const changeMs = timed(() => {
    for (let change = 0; change < CHANGES; change += 1) {
      assignments[change] = assignment(change, 2_000);
      cache.set("n", new Snapshot(assignments));
      for (const client of clients) if (client.ready) client.drain();
    }
  });
  expectSum(clients, CLIENTS + CHANGES * (CLIENTS / RESOURCES));
  console.log(
    `${variant.name}: one of the resources changes, two clients want it: ${(changeMs / CHANGES).toFixed(2)} ms a change`,
  );
  for (const client of clients) client.close();
}

function expectSum(clients: readonly Client[], expected: number): void {
  const got = clients.reduce((sum, { resources }) => sum + resources, 0);
  if (got !== expected) throw new Error(`expected ${expected} resources in all, got ${got}`);
}

function timed(work: () => void): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

for (const variant of [sotw, delta]) {
  run(variant);
  runApart(variant);
}
