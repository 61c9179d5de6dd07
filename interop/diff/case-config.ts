import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { DiffCase } from "./case.ts";
import { isConfig, mapStrings, merge, type Config } from "./config-value.ts";

const TYPE = "type.googleapis.com/envoy.extensions";

interface Base {
  readonly bootstrap: Config;
  readonly listener: Config;
  readonly hcm: Config;
  readonly route: Config;
  readonly virtual_host: Config;
  readonly cluster: Config;
  readonly log: { [field: string]: string };
}

const BASE = parse(readFileSync(join(import.meta.dirname, "base.yaml"), "utf8")) as Base;

/** A cluster that speaks HTTP/2 to its upstreams. */
const HTTP2_CLUSTER: Config = {
  typed_extension_protocol_options: {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": `${TYPE}.upstreams.http.v3.HttpProtocolOptions`,
      explicit_http_config: { http2_protocol_options: {} },
    },
  },
};

/** A server with one certificate. */
const SERVER_TLS: Config = {
  common_tls_context: {
    tls_certificates: [
      {
        certificate_chain: { filename: "${certs}/server.pem" },
        private_key: { filename: "${certs}/server.key" },
      },
    ],
  },
};

function tlsSocket(side: "Downstream" | "Upstream", context: Config): Config {
  const type = `${TYPE}.transport_sockets.tls.v3.${side}TlsContext`;
  return { name: "tls", typed_config: { "@type": type, ...context } };
}

/** Where the parts of one case are, for one of the two proxies. */
export interface CasePlaces {
  readonly port: number;
  /** Upstream ports by cluster name as the case writes it. */
  readonly upstreamPorts: ReadonlyMap<string, number>;
  /** The access log file. */
  readonly logFile: string;
  /** The link to the folder of the runtime. */
  readonly runtime: string;
  /** The folder of certificates. */
  readonly certificates: string;
}

/** A case's name in stats, clusters and files: the same for both proxies. */
export function caseId(diffCase: DiffCase): string {
  return diffCase.name.replaceAll(/[^a-zA-Z0-9]+/g, "_");
}

/** The names of a case's clusters, as the case writes them. */
export function clusterNames(diffCase: DiffCase): string[] {
  return ["up", ...Object.keys(diffCase.clusters ?? {})];
}

/** A cluster's name in the configuration: unique among the cases that share a process. */
export function clusterName(diffCase: DiffCase, name: string): string {
  return `${caseId(diffCase)}__${name}`;
}

/** One bootstrap for many cases, each with a listener and clusters of its own. */
export function buildBootstrap(
  cases: readonly DiffCase[],
  places: readonly CasePlaces[],
  adminPort: number,
): Config {
  const bootstrap = structuredClone(BASE.bootstrap);
  const listeners: unknown[] = [];
  const clusters: unknown[] = [];
  for (const [index, diffCase] of cases.entries()) {
    const at = places[index]!;
    const listener = buildListener(diffCase, at);
    const all = [listener, ...(diffCase.listeners ?? []).map((more) => merge(listener, more))];
    listeners.push(...all.map((one) => fillPlaces(one, diffCase, at)));
    for (const name of clusterNames(diffCase)) {
      clusters.push(fillPlaces(buildCluster(diffCase, name, at), diffCase, at));
    }
  }
  const secrets = cases.flatMap((diffCase, index) =>
    (diffCase.secrets ?? []).map((secret) => fillPlaces(secret, diffCase, places[index]!)),
  );
  const layers = cases.flatMap((diffCase, index) =>
    (diffCase.runtime ?? []).map((layer) => fillPlaces(layer, diffCase, places[index]!)),
  );
  if (cases.some(({ runtime }) => runtime !== undefined)) bootstrap["layered_runtime"] = { layers };
  bootstrap["static_resources"] = { listeners, clusters, secrets };
  const whole = cases.reduce((merged, diffCase) => merge(merged, diffCase.bootstrap), bootstrap);
  return mapStrings(whole, (text) => (text === "${admin.port}" ? adminPort : text)) as Config;
}

function buildListener(diffCase: DiffCase, at: CasePlaces): Config {
  if (diffCase.udp !== undefined)
    return merge(merge(BASE.listener, buildUdp(diffCase, at)), diffCase.listener);
  const filters = diffCase.filters?.map((filter) => withAccessLog(filter, diffCase, at));
  const listener = merge(BASE.listener, {
    filter_chains: [
      {
        filters: filters ?? [buildHcm(diffCase, at)],
        ...(diffCase.server_tls !== undefined && {
          transport_socket: tlsSocket("Downstream", merge(SERVER_TLS, diffCase.server_tls)),
        }),
      },
    ],
  });
  return merge(listener, diffCase.listener);
}

function buildHcm(diffCase: DiffCase, at: CasePlaces): Config {
  const virtualHost = { ...BASE.virtual_host, routes: diffCase.routes ?? [BASE.route] };
  const hcm: Config = {
    "@type": `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    ...BASE.hcm,
    access_log: [accessLog(diffCase, at)],
    http_filters: [
      ...(diffCase.http_filters ?? []),
      {
        name: "router",
        typed_config: { "@type": `${TYPE}.filters.http.router.v3.Router`, ...diffCase.router },
      },
    ],
    route_config: { name: "routes", virtual_hosts: diffCase.virtual_hosts ?? [virtualHost] },
  };
  return { name: "hcm", typed_config: merge(hcm, diffCase.hcm) };
}

/** What makes a UDP listener of the listener. */
function buildUdp(diffCase: DiffCase, at: CasePlaces): Config {
  const type = `${TYPE}.filters.udp.udp_proxy.v3`;
  const route = {
    name: "route",
    typed_config: { "@type": `${type}.Route`, cluster: "${up}" },
  };
  const proxy: Config = {
    "@type": `${type}.UdpProxyConfig`,
    stat_prefix: "${id}",
    ...(hasRoute(diffCase.udp) ? {} : { matcher: { on_no_match: { action: route } } }),
    access_log: [accessLog(diffCase, at)],
  };
  return {
    address: { socket_address: { protocol: "UDP" } },
    listener_filters: [{ name: "udp_proxy", typed_config: merge(proxy, diffCase.udp) }],
  };
}

function hasRoute(udp: Config | undefined): boolean {
  return udp?.["matcher"] !== undefined || udp?.["cluster"] !== undefined;
}

/** Network filters that log get the same access log; they are those that say `access_log: true`. */
function withAccessLog(filter: Config, diffCase: DiffCase, at: CasePlaces): Config {
  const typed = filter["typed_config"];
  if (!isConfig(typed) || typed["access_log"] !== true) return filter;
  return merge(filter, { typed_config: { access_log: [accessLog(diffCase, at)] } });
}

function accessLog(diffCase: DiffCase, at: CasePlaces): Config {
  return {
    name: "log",
    typed_config: {
      "@type": `${TYPE}.access_loggers.file.v3.FileAccessLog`,
      path: at.logFile,
      log_format: { json_format: { ...BASE.log, ...diffCase.log } },
    },
  };
}

function buildCluster(diffCase: DiffCase, name: string, at: CasePlaces): Config {
  const script = name === "up" ? diffCase.upstream : diffCase.upstreams?.[name];
  const fullName = clusterName(diffCase, name);
  const endpoint = (port: number): Config => ({
    endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: port } } },
  });
  const endpoints =
    script === "none" ? [] : [{ lb_endpoints: [endpoint(at.upstreamPorts.get(name)!)] }];
  const own = name === "up" ? diffCase.cluster : diffCase.clusters?.[name];
  const isHttp2 =
    diffCase.upstream_protocol === "h2c" && own?.["typed_extension_protocol_options"] === undefined;
  const cluster = merge(isHttp2 ? merge(BASE.cluster, HTTP2_CLUSTER) : BASE.cluster, {
    name: fullName,
    load_assignment: { cluster_name: fullName, endpoints },
  });
  if (name !== "up" || diffCase.cluster_tls === undefined) return merge(cluster, own);
  return merge(
    merge(cluster, { transport_socket: tlsSocket("Upstream", diffCase.cluster_tls) }),
    own,
  );
}

/**
 * Replaces, wherever they stand in texts, `${id}`, `${port}`, `${log}` (the log file), `${runtime}` (the link to a folder of
 * values), `${certs}` (the folder of certificates), `${certs:NAME}` (the content of a file in there), `${cluster}` and `${cluster.port}` of each cluster, and `${x*1000}` by a thousand x.
 */
export function fillPlaces<T>(value: T, diffCase: DiffCase, at: CasePlaces): T {
  return mapStrings(value, (text) => substitute(text, diffCase, at)) as T;
}

/** `${port}` alone becomes a number; within a text it becomes part of it. */
function substitute(text: string, diffCase: DiffCase, at: CasePlaces): unknown {
  const value = (key: string): string | number => {
    const [name = "", part] = key.split(".");
    if (key === "id") return caseId(diffCase);
    if (key === "port") return at.port;
    if (key === "log") return at.logFile;
    if (key === "runtime") return at.runtime;
    if (key === "certs") return at.certificates;
    if (key.startsWith("certs:"))
      return readFileSync(join(at.certificates, key.slice("certs:".length)), "utf8");
    const repeated = /^(.)\*(\d+)$/.exec(key);
    if (repeated !== null) return repeated[1]!.repeat(Number(repeated[2]));
    const port = at.upstreamPorts.get(name);
    if (port === undefined || (part !== undefined && part !== "port")) return `\${${key}}`;
    return part === "port" ? port : clusterName(diffCase, name);
  };
  const whole = /^\$\{([\w.*:-]+)\}$/.exec(text);
  if (whole !== null) return value(whole[1]!);
  return text.replaceAll(/\$\{([\w.*:-]+)\}/g, (_, key: string) => String(value(key)));
}
