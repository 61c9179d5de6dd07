import type { TestContext } from "node:test";
import {
  listenGrpc,
  readResource,
  Snapshot,
  SnapshotCache,
  XdsServer,
  type VersionedResource,
} from "@nuncio/xds";

/** Resources by the short name of their type, as YAML each: `{ LDS: ["name: a ..."] }`. */
export type Resources = Readonly<Record<string, readonly string[]>>;

/** A control plane on a port of its own. */
export interface TestControlPlane {
  readonly port: number;
  /** From now on it gives these. */
  set(resources: Resources): void;
  /** Ends all streams; the port is free then. */
  close(): Promise<void>;
}

/** Starts a control plane that has nothing yet. */
export async function startControlPlane(t: TestContext): Promise<TestControlPlane> {
  const cache = new SnapshotCache({ groupOf: () => "all" });
  const server = new XdsServer({ cache });
  const listening = await listenGrpc(server);
  t.after(() => listening.close());
  return {
    port: listening.address.port,
    set: (resources) => cache.set("all", new Snapshot(read(resources))),
    close: () => listening.close(),
  };
}

function read(resources: Resources): VersionedResource[] {
  return Object.entries(resources).flatMap(([type, texts]) =>
    texts.map((text) => readResource(type, text)),
  );
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
