import type { TestContext } from "node:test";
import { load, validate } from "@nuncio/api";
import type { GrpcService } from "@nuncio/api/types/envoy/config/core/v3/grpc_service_pb";
import { clusterYaml } from "../../testing/bootstrap.ts";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";
import type { GrpcStreamCallbacks } from "../callbacks.ts";
import { compileGrpcService } from "../compile.ts";
import { GrpcClient } from "../grpc-client.ts";

const HTTP2 =
  'typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http2_protocol_options: {} } } }';

/** A proxy with a cluster `service` of HTTP/2, and its own calls to it. */
export interface GrpcClientRig {
  readonly proxy: TestProxy;
  /** `service`: fields of `GrpcService`, in flow style. Throws when they are refused. */
  client(service?: string): GrpcClient;
}

/** Starts it; `cluster`: further fields of the cluster, in flow style. */
export async function startGrpcClientRig(
  t: TestContext,
  port: number,
  cluster = "",
): Promise<GrpcClientRig> {
  const fields = cluster === "" ? HTTP2 : `${HTTP2}, ${cluster}`;
  const proxy = await startProxy(
    `static_resources: { clusters: [${clusterYaml("service", port, fields)}] }`,
  );
  t.after(() => proxy.close());
  return {
    proxy,
    client: (service = "envoy_grpc: { cluster_name: service }") => {
      const { config, problems } = compileService(service, proxy);
      if (config === null || problems.length > 0) throw new Error(problems.join("\n"));
      return new GrpcClient(config, proxy.asyncClient);
    },
  };
}

/** A `GrpcService` as main compiles it, and what there is to say against it. */
export function compileService(service: string, { context }: Pick<TestProxy, "context">) {
  const source = { name: "service.yaml", content: `{ ${service} }` };
  const loaded = load<GrpcService>("envoy.config.core.v3.GrpcService", [source]);
  validate(loaded);
  const { problems } = loaded;
  const config = compileGrpcService(loaded.message, { ...context, problems });
  return { config, problems: problems.list.map(({ message }) => message) };
}

/** Writes down what is told of a call, a word for each thing; messages as text, or as their length when they are long. */
export class CallRecord implements GrpcStreamCallbacks {
  readonly events: string[] = [];
  closed = false;

  onReceiveInitialMetadata(): void {
    this.events.push("metadata");
  }
  onReceiveMessage(message: Buffer): void {
    this.events.push(message.length > 100 ? String(message.length) : message.toString());
  }
  onRemoteClose(status: number, message: string): void {
    this.closed = true;
    this.events.push(`close ${status} ${message}`.trim());
  }
  onAboveWriteBufferHighWatermark(): void {
    this.events.push("above");
  }
  onBelowWriteBufferLowWatermark(): void {
    this.events.push("below");
  }
}
