import type { TestContext } from "node:test";
import {
  listenGrpc,
  readResource,
  Snapshot,
  SnapshotCache,
  XdsServer,
  type VersionedResource,
} from "@nuncio/xds";
import { startProxy, type TestProxy } from "./proxy.ts";

/** A resource whose message does not say its name, or not this one. */
export interface NamedResource {
  readonly name: string;
  readonly text: string;
}

/** Resources by the short name of their type, as YAML each: `{ LDS: ["name: a ..."] }`. */
export type Resources = Readonly<Record<string, readonly (string | NamedResource)[]>>;

/** A control plane on a port of its own. */
export interface TestControlPlane {
  readonly port: number;
  /** From now on it gives these. */
  set(resources: Resources): void;
  /** How many requests and answers came in. */
  readonly requests: number;
  /** Told of each name that a client of the delta protocol asks for, before it is answered. */
  onAsked: (name: string) => void;
  /** Ends all streams; the port is free then. */
  close(): Promise<void>;
}

/** Starts a control plane that has nothing yet. */
export async function startControlPlane(t: TestContext): Promise<TestControlPlane> {
  const cache = new SnapshotCache({ groupOf: () => "all" });
  const plane = {
    port: 0,
    requests: 0,
    onAsked: (_name: string): void => {},
    set: (resources: Resources): void => cache.set("all", new Snapshot(read(resources))),
    close: (): Promise<void> => listening.close(),
  };
  const server = new XdsServer({
    cache,
    callbacks: {
      onRequest(_stream, request) {
        plane.requests += 1;
        if (!("resourceNamesSubscribe" in request)) return;
        for (const name of request.resourceNamesSubscribe) plane.onAsked(name);
      },
    },
  });
  const listening = await listenGrpc(server);
  t.after(() => listening.close());
  plane.port = listening.address.port;
  return plane;
}

function read(resources: Resources): VersionedResource[] {
  return Object.entries(resources).flatMap(([type, texts]) =>
    texts.map((each) =>
      typeof each === "string"
        ? readResource(type, each)
        : readResource(type, each.text, { name: each.name }),
    ),
  );
}

/** A proxy that has all but its bootstrap from the control plane. It ends with the test. */
export async function startManagedProxy(
  t: TestContext,
  { port }: Pick<TestControlPlane, "port">,
  apiType: "GRPC" | "DELTA_GRPC",
): Promise<TestProxy> {
  const proxy = await startProxy(adsBootstrap(port, apiType));
  t.after(() => proxy.close());
  return proxy;
}

/** The `dynamic_resources` of a proxy, and the cluster `xds` of its control plane, for `static_resources.clusters`. */
export function adsBootstrap(port: number, apiType: "GRPC" | "DELTA_GRPC", clusters = ""): string {
  return `
node: { id: proxy-1, cluster: test }
dynamic_resources:
  ads_config:
    api_type: ${apiType}
    transport_api_version: V3
    grpc_services: [{ envoy_grpc: { cluster_name: xds } }]
  cds_config: { resource_api_version: V3, ads: {} }
  lds_config: { resource_api_version: V3, ads: {} }
static_resources:
  clusters:
  - name: xds
    load_assignment:
      cluster_name: xds
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } } }] }]
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: { http2_protocol_options: {} }
${clusters}`;
}
