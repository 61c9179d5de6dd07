import type { RegexTagRule } from "./tags.ts";

/**
 * The tags that Envoy extracts by default, in its order. A pattern of tokens: `*` is any one token, `$` the one
 * that becomes the tag (with its dot it leaves the name), a final `**` one or more tokens. Where that does not
 * suffice stands an expression: group 1 leaves the name, group 2 is the value.
 * The names of contrib extensions and of DynamoDB are left out: nothing here makes such stats.
 */
const PATTERNS: readonly (readonly [tag: string, pattern: string | RegExp])[] = [
  ["envoy.response_code", /_rq(_(\d{3}))$/],
  ["envoy.response_code_class", /_rq_((\d))xx$/],
  ["envoy.mongo_callsite", "mongo.*.collection.*.callsite.$.query.**"],
  ["envoy.mongo_collection", "mongo.*.collection.$.**"],
  ["envoy.mongo_cmd", "mongo.*.cmd.$.**"],
  ["envoy.grpc_bridge_method", "cluster.*.grpc.*.$.**"],
  ["envoy.http_user_agent", "http.*.user_agent.$.**"],
  ["envoy.virtual_cluster", "vhost.*.vcluster.$.**"],
  ["envoy.fault_downstream_cluster", "http.*.fault.$.**"],
  ["envoy.ssl_cipher", /^listener\..*?\.ssl\.ciphers(\.([0-9A-Za-z_-]+))$/],
  ["envoy.cipher_suite", /^cluster\.[^.]+\.ssl\.ciphers(\.([0-9A-Za-z_-]+))$/],
  ["envoy.ssl_curve", /^(?:listener|cluster)\..*?\.ssl\.curves(\.([0-9A-Za-z_-]+))$/],
  ["envoy.ssl_sigalg", /^(?:listener|cluster)\..*?\.ssl\.sigalgs(\.([0-9A-Za-z_-]+))$/],
  ["envoy.ssl_version", /^(?:listener|cluster)\..*?\.ssl\.versions(\.(TLSv\d(?:\.\d)?))$/],
  ["envoy.tls_certificate", /^(?:listener|cluster)\..*?\.ssl\.certificate\.(([^.]+)\.).*$/],
  ["envoy.grpc_bridge_service", "cluster.*.grpc.$.**"],
  ["envoy.tcp_prefix", "tcp.$.**"],
  ["envoy.udp_prefix", "udp.$.**"],
  ["envoy.clientssl_prefix", "auth.clientssl.$.**"],
  ["envoy.ratelimit_prefix", "ratelimit.$.**"],
  ["envoy.local_http_ratelimit_prefix", "$.http_local_rate_limit.**"],
  ["envoy.local_network_ratelimit_prefix", "local_rate_limit.$.**"],
  ["envoy.local_listener_ratelimit_prefix", "listener_local_ratelimit.$.**"],
  ["envoy.dns_filter_prefix", "dns_filter.$.**"],
  ["envoy.connection_limit_prefix", "connection_limit.$.**"],
  ["envoy.rbac_prefix", "$.rbac.**"],
  ["envoy.rbac_http_prefix", /^http\.[^.]+\.rbac\.((?!policy\.)([^.]+)\.)./],
  [
    "envoy.rbac_policy_name",
    /^http\.[^.]+\.rbac\.(?:[^.]+\.)?policy\.(([^.]+)\.)(?:allowed|shadow_allowed|denied|shadow_denied)$/,
  ],
  ["envoy.ext_authz_prefix", "http.*.ext_authz.$.**"],
  ["envoy.ext_authz_prefix", "cluster.*.ext_authz.$.**"],
  ["envoy.health_check_name", /^cluster\.[^.]+\.health_check(\.name\.([^.]+))\../],
  ["envoy.cluster_name", "cluster.$.**"],
  ["envoy.http_conn_manager_prefix", /^listener\..*?\.http\.(([^.]+)\.)/],
  ["envoy.http_conn_manager_prefix", "http.$.**"],
  [
    "envoy.worker_id",
    /^(?:listener\.(?:[\d._]+|[\d_a-fA-F[\]]+|[^.]+)|server|listener_manager|thread_local_cluster_manager)\.worker_((\d+)\.)/,
  ],
  ["envoy.listener_address", /^listener\.(?!admin\.)(([\d._]+|[\d_a-fA-F[\]]+|[^.]+)\.)/],
  ["envoy.route", "vhost.*.route.$.**"],
  ["envoy.virtual_host", "vhost.$.**"],
  ["envoy.mongo_prefix", "mongo.$.**"],
  ["envoy.rds_route_config", /^http\.[^.]+\.rds\.(([\w.-]+)\.)\w+?$/],
  ["envoy.scoped_rds_config", /^http\.[^.]+\.scoped_rds\.(([\w.-]+)\.)\w+?$/],
  ["envoy.thrift_prefix", "thrift.$.**"],
  ["envoy.redis_prefix", "redis.$.**"],
  ["envoy.google_grpc_client_prefix", "grpc.$.**"],
  ["envoy.proxy_protocol_version", /^proxy_proto\.((?:[^.]+\.)?versions\.v(\d)\.)\w+$/],
  ["envoy.proxy_protocol_prefix", /^proxy_proto\.((?!versions\.)([^.]+)\.).+$/],
  ["envoy.xds_resource_name", /^sds\.(([^.]+)\.).+/],
];

export const DEFAULT_TAG_RULES: readonly RegexTagRule[] = PATTERNS.map(([tag, pattern]) => ({
  tag,
  regex: typeof pattern === "string" ? fromTokens(pattern) : pattern,
  firstToken: firstToken(pattern),
}));

function fromTokens(pattern: string): RegExp {
  const tokens = pattern.split(".").map((token) => {
    if (token === "$") return String.raw`(([^.]+)\.)`;
    if (token === "**") return ".+";
    return `${token === "*" ? "[^.]+" : token}\\.`;
  });
  return new RegExp(`^${tokens.join("")}$`);
}

function firstToken(pattern: string | RegExp): string | null {
  const text = typeof pattern === "string" ? `^${pattern}` : pattern.source;
  return /^\^([a-z_]+)(?=\\?\.)/.exec(text)?.[1] ?? null;
}
