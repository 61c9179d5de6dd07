import type { Certificate } from "./certificate.ts";

const TYPE = "type.googleapis.com/envoy.extensions";

/** An extension of a configuration: its name and its typed configuration. */
export function typed(name: string, type: string, fields: object = {}): object {
  return { name, typed_config: { "@type": `${TYPE}.${type}`, ...fields } };
}

/** A socket address of this machine. */
export function loopback(port: number): object {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}

/** A static cluster of one endpoint that speaks HTTP/1, or HTTP/2 without TLS. */
export function clusterConfig(name: string, port: number, protocol: "http1" | "http2"): object {
  const options =
    protocol === "http1" ? { http_protocol_options: {} } : { http2_protocol_options: {} };
  return {
    name,
    type: "STATIC",
    connect_timeout: "5s",
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: loopback(port) } }] }],
    },
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": `${TYPE}.upstreams.http.v3.HttpProtocolOptions`,
        explicit_http_config: options,
      },
    },
  };
}

/** A network filter: an HTTP connection manager with one route, a router, and whatever is laid over that. */
export function connectionManager(statPrefix: string, route: object, over: object = {}): object {
  return typed("hcm", "filters.network.http_connection_manager.v3.HttpConnectionManager", {
    stat_prefix: statPrefix,
    route_config: {
      name: "routes",
      virtual_hosts: [
        { name: "all", domains: ["*"], routes: [{ match: { prefix: "/" }, ...route }] },
      ],
    },
    http_filters: [typed("router", "filters.http.router.v3.Router")],
    ...over,
  });
}

/** The transport socket of a listener with one certificate. */
export function tlsSocket({ certFile, keyFile }: Certificate): object {
  return typed("tls", "transport_sockets.tls.v3.DownstreamTlsContext", {
    common_tls_context: {
      alpn_protocols: ["h2", "http/1.1"],
      tls_certificates: [
        { certificate_chain: { filename: certFile }, private_key: { filename: keyFile } },
      ],
    },
  });
}
