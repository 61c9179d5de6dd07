import type { Certificate } from "../harness/certificate.ts";
import { clusterConfig, loopback, typed } from "../harness/typed-config.ts";

/** Where the parts of the scene meet. */
export interface ScenePorts {
  readonly http: number;
  readonly https: number;
  readonly tcp: number;
  readonly tcpTls: number;
  /** Clients send a PROXY protocol header first. */
  readonly proxied: number;
  readonly service: number;
  readonly upstream: number;
  readonly upstreamHttp2: number;
  /** Nobody listens there. */
  readonly dead: number;
}

const GRPC = "access_loggers.grpc.v3";
/** Of what the scene's PROXY protocol header brings along; for private use. */
export const TLV_TYPE = 0xea;

/** What every logger of the scene has in common. */
function common(logName: string, over: object = {}): object {
  return {
    log_name: logName,
    transport_api_version: "V3",
    grpc_service: {
      envoy_grpc: { cluster_name: "log-service" },
      initial_metadata: [{ key: "x-plain", value: "%RESPONSE_CODE%" }],
    },
    buffer_flush_interval: "0.05s",
    filter_state_objects_to_log: ["scene.state", "not.there"],
    custom_tags: [
      { tag: "literal", literal: { value: "lit" } },
      { tag: "home", environment: { name: "NOT_THERE_AT_ALL", default_value: "def" } },
      { tag: "agent", request_header: { name: "X-Tag", default_value: "none" } },
      { tag: "empty", request_header: { name: "x-not-there" } },
      { tag: "code", value: "%RESPONSE_CODE%/%PROTOCOL%" },
      {
        tag: "route-number",
        metadata: {
          kind: { route: {} },
          metadata_key: { key: "scene", path: [{ key: "number" }] },
          default_value: "no route",
        },
      },
      {
        tag: "route-text",
        metadata: { kind: { route: {} }, metadata_key: { key: "scene", path: [{ key: "text" }] } },
      },
      {
        tag: "route-struct",
        metadata: {
          kind: { route: {} },
          metadata_key: { key: "scene", path: [{ key: "struct" }] },
        },
      },
    ],
    ...over,
  };
}

/** A logger of HTTP. */
function httpLog(logName: string, over: object = {}): object {
  return typed("http_grpc", `${GRPC}.HttpGrpcAccessLogConfig`, {
    common_config: common(logName, over),
    additional_request_headers_to_log: ["X-Many", "x-bytes", "x-empty", "x-not-there", ":path"],
    additional_response_headers_to_log: ["x-answer", "set-cookie", "x-not-there"],
    additional_response_trailers_to_log: ["grpc-status", "x-trailer"],
  });
}

/** A logger of TCP. */
function tcpLog(logName: string, over: object = {}): object {
  return typed("tcp_grpc", `${GRPC}.TcpGrpcAccessLogConfig`, {
    common_config: common(logName, over),
  });
}

/** The whole scene: each place where a logger can stand, and each way in which a request can end. */
export function sceneResources(
  ports: ScenePorts,
  certificate: Certificate,
): { readonly listeners: object[]; readonly clusters: object[] } {
  const secure = { transport_socket: mutualTls(certificate) };
  const inspector = {
    listener_filters: [
      typed("tls_inspector", "filters.listener.tls_inspector.v3.TlsInspector", {
        enable_ja3_fingerprinting: true,
      }),
    ],
  };
  return {
    listeners: [
      listener(
        "http",
        ports.http,
        { filters: [manager("plain")] },
        {
          access_log: [tcpLog("listener")],
          listener_filters: [filterState()],
        },
      ),
      listener("https", ports.https, { filters: [manager("secure")], ...secure }, inspector),
      listener("tcp", ports.tcp, { filters: [tcpProxy("tcp", true)] }),
      listener(
        "proxied",
        ports.proxied,
        { filters: [tcpProxy("proxied", false)] },
        {
          listener_filters: [proxyProtocol()],
        },
      ),
      listener("tcp-tls", ports.tcpTls, { filters: [tcpProxy("tcp-tls", false)], ...secure }),
    ],
    clusters: [
      clusterConfig("log-service", ports.service, "http2"),
      { ...clusterConfig("upstream", ports.upstream, "http1"), alt_stat_name: "other" },
      clusterConfig("upstream-http2", ports.upstreamHttp2, "http2"),
      clusterConfig("dead", ports.dead, "http1"),
      { name: "empty", type: "STATIC" },
    ],
  };
}

/** The client's certificate is asked for, and taken whatever it is. */
function mutualTls({ certFile, keyFile }: Certificate): object {
  return typed("tls", "transport_sockets.tls.v3.DownstreamTlsContext", {
    common_tls_context: {
      tls_certificates: [
        { certificate_chain: { filename: certFile }, private_key: { filename: keyFile } },
      ],
      validation_context: {
        trusted_ca: { filename: certFile },
        trust_chain_verification: "ACCEPT_UNTRUSTED",
      },
    },
  });
}

function listener(name: string, port: number, chain: object, over: object = {}): object {
  return { name, address: loopback(port), filter_chains: [chain], ...over };
}

/** Notes what the header brings as metadata. */
function proxyProtocol(): object {
  return typed("proxy_protocol", "filters.listener.proxy_protocol.v3.ProxyProtocol", {
    rules: [{ tlv_type: TLV_TYPE, on_tlv_present: { key: "told" } }],
  });
}

function filterState(): object {
  return typed("state", "filters.listener.set_filter_state.v3.Config", {
    on_accept: [
      {
        object_key: "scene.state",
        factory_key: "envoy.string",
        format_string: { text_format_source: { inline_string: "stated" } },
      },
    ],
  });
}

/** With TLS only the end is logged: what Envoy says of a session before stays as it was in its first line. */
function tcpProxy(logName: string, phases: boolean): object {
  return typed("tcp_proxy", "filters.network.tcp_proxy.v3.TcpProxy", {
    stat_prefix: logName,
    cluster: "upstream",
    access_log: [tcpLog(logName)],
    access_log_options: {
      flush_access_log_on_connected: phases,
      flush_access_log_on_start: phases,
    },
  });
}

function manager(logName: string): object {
  return typed("hcm", "filters.network.http_connection_manager.v3.HttpConnectionManager", {
    stat_prefix: logName,
    server_name: "scene",
    access_log: [httpLog(logName)],
    access_log_options: { flush_access_log_on_new_request: true },
    route_config: {
      name: "routes",
      virtual_hosts: [{ name: "all", domains: ["*"], routes: ROUTES }],
    },
    http_filters: [
      typed("router", "filters.http.router.v3.Router", {
        suppress_envoy_headers: true,
        upstream_log: [httpLog(`${logName}-upstream`)],
      }),
    ],
  });
}

const SCENE_METADATA = {
  filter_metadata: { scene: { number: 7, text: "tëxt", struct: { list: [1.5, true, null, "x"] } } },
};

const ROUTES = [
  {
    name: "ok",
    match: { prefix: "/ok" },
    metadata: SCENE_METADATA,
    route: { cluster: "upstream", prefix_rewrite: "/rewritten" },
  },
  { match: { prefix: "/trailers" }, route: { cluster: "upstream-http2" } },
  {
    name: "direct",
    match: { prefix: "/direct" },
    direct_response: { status: 201, body: { inline_string: "direct" } },
  },
  { match: { prefix: "/redirect" }, redirect: { path_redirect: "/ok" } },
  { match: { prefix: "/dead" }, route: { cluster: "dead" } },
  { match: { prefix: "/empty" }, route: { cluster: "empty" } },
  { match: { prefix: "/slow" }, route: { cluster: "upstream", timeout: "0.1s" } },
  { match: { prefix: "/hangup" }, route: { cluster: "upstream" } },
];
