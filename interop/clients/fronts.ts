import type { Certificate } from "../harness/certificate.ts";
import { freePorts } from "../harness/free-ports.ts";
import type { ProxyKind } from "../harness/proxy-process.ts";
import { clusterConfig, connectionManager, loopback, tlsSocket } from "../harness/typed-config.ts";
import { withProxy } from "../harness/with-proxy.ts";

/** Where a proxy listens: what it speaks to clients is for them to choose, what it speaks to the origin is not. */
export interface Fronts {
  readonly toHttp1: number;
  readonly toHttp2: number;
  /** Null without TLS. */
  readonly certificate: Certificate | null;
}

/** Ports of the two origins. */
export interface Origins {
  readonly http1Port: number;
  readonly http2Port: number;
}

/** Runs `use` while a proxy serves the origins, with TLS (ALPN h2 and http/1.1) when there is a certificate. */
export async function withFronts<T>(
  kind: ProxyKind,
  origins: Origins,
  certificate: Certificate | null,
  use: (fronts: Fronts) => Promise<T>,
): Promise<T> {
  const [toHttp1, toHttp2] = (await freePorts(2)) as [number, number];
  const resources = {
    listeners: [front("http1", toHttp1, certificate), front("http2", toHttp2, certificate)],
    clusters: [
      clusterConfig("http1", origins.http1Port, "http1"),
      clusterConfig("http2", origins.http2Port, "http2"),
    ],
  };
  return withProxy(kind, resources, () => use({ toHttp1, toHttp2, certificate }));
}

function front(cluster: string, port: number, certificate: Certificate | null): object {
  const chain = {
    filters: [
      connectionManager(
        cluster,
        { route: { cluster, timeout: "60s" } },
        { upgrade_configs: [{ upgrade_type: "websocket" }] },
      ),
    ],
    ...(certificate === null ? {} : { transport_socket: tlsSocket(certificate) }),
  };
  return { name: cluster, address: loopback(port), filter_chains: [chain] };
}
