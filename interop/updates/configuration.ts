import { readResource, type VersionedResource } from "@nuncio/xds";
import type { Certificate } from "../harness/certificate.ts";
import type { Random } from "../harness/random.ts";
import { loopback, typed } from "../harness/typed-config.ts";
import { edsCluster, endpoints } from "../xds/resources.ts";

const ADS = { resource_api_version: "V3", ads: {} };

/** What a control plane can change at any time; every state of it serves each request with 200. */
export interface Configuration {
  /** Weight of the first of two clusters, 0 to 100. */
  weight: number;
  /** Routes in front of the one that takes all. */
  routes: number;
  /** Which of the two upstreams each cluster has; both, when it is 2. */
  readonly upstreamsOf: [number, number];
  connectTimeoutMs: number;
  /** Added to each response. */
  header: number;
  accessLog: boolean;
  /** Which of two certificates is shown. */
  certificate: number;
  /** Clusters and listeners that nobody uses. */
  others: number;
  /** A cluster that has to be refused is there. */
  bad: boolean;
}

/** Where things are. */
export interface Places {
  readonly plainPort: number;
  readonly securePort: number;
  /** Of listeners that come and go. */
  readonly otherPorts: readonly number[];
  readonly upstreamPorts: readonly [number, number];
  readonly certificates: readonly [Certificate, Certificate];
}

/** The configuration to begin with. */
export function firstConfiguration(): Configuration {
  return {
    weight: 50,
    routes: 0,
    upstreamsOf: [0, 1],
    connectTimeoutMs: 1000,
    header: 0,
    accessLog: false,
    certificate: 0,
    others: 0,
    bad: false,
  };
}

/** Changes one thing. */
export function change(configuration: Configuration, random: Random): void {
  const changes: readonly (() => void)[] = [
    () => (configuration.weight = random.below(101)),
    () => (configuration.routes = random.below(20)),
    () => (configuration.upstreamsOf[random.below(2)] = random.below(3)),
    () => (configuration.connectTimeoutMs = 1000 + random.below(5)),
    () => (configuration.header = random.below(1000)),
    () => (configuration.accessLog = !configuration.accessLog),
    () => (configuration.certificate = 1 - configuration.certificate),
    () => (configuration.others = random.below(4)),
    () => (configuration.bad = !configuration.bad),
  ];
  random.pick(changes)();
}

/** As resources of a control plane. */
export function resourcesOf(configuration: Configuration, places: Places): VersionedResource[] {
  const { plainPort, securePort, otherPorts } = places;
  const others = otherPorts.slice(0, configuration.others);
  return [
    ...[0, 1].flatMap((index) => clusterOf(`up${index}`, index, configuration, places)),
    ...others.flatMap((_, index) => clusterOf(`other${index}`, 0, configuration, places)),
    ...(configuration.bad ? [badCluster()] : []),
    routesOf(configuration),
    listenerOf("plain", plainPort, configuration),
    listenerOf("secure", securePort, configuration, SECURE),
    ...others.map((port, index) => listenerOf(`other${index}`, port, configuration)),
    secretOf(places.certificates[configuration.certificate]!),
  ];
}

function clusterOf(
  name: string,
  index: number,
  { upstreamsOf, connectTimeoutMs }: Configuration,
  { upstreamPorts }: Places,
): VersionedResource[] {
  const which = upstreamsOf[index]!;
  const ports = which === 2 ? upstreamPorts : [upstreamPorts[which]!];
  return [edsCluster(name, `${connectTimeoutMs / 1000}s`), endpoints(name, ...ports)];
}

/** Its smallest ring is larger than its largest one. */
function badCluster(): VersionedResource {
  const name = "bad";
  const ring = { minimum_ring_size: 9, maximum_ring_size: 3 };
  return readResource("CDS", { name, lb_policy: "RING_HASH", ring_hash_lb_config: ring });
}

function routesOf({ weight, routes }: Configuration): VersionedResource {
  const clusters = [
    { name: "up0", weight },
    { name: "up1", weight: 100 - weight },
  ];
  const before = Array.from({ length: routes }, (_, index) => ({
    match: { path: `/nobody/${index}` },
    redirect: { path_redirect: "/" },
  }));
  return readResource("RDS", {
    name: "routes",
    virtual_hosts: [
      {
        name: "all",
        domains: ["*"],
        routes: [...before, { match: { prefix: "/" }, route: { weighted_clusters: { clusters } } }],
      },
    ],
  });
}

const SECURE = typed("tls", "transport_sockets.tls.v3.DownstreamTlsContext", {
  common_tls_context: {
    alpn_protocols: ["h2", "http/1.1"],
    tls_certificate_sds_secret_configs: [{ name: "pair", sds_config: ADS }],
  },
});

function listenerOf(
  name: string,
  port: number,
  { header, accessLog }: Configuration,
  transportSocket?: object,
): VersionedResource {
  const mutation = { header: { key: "x-version", value: String(header) } };
  const log = typed("log", "access_loggers.file.v3.FileAccessLog", { path: "/dev/null" });
  const manager = typed("hcm", "filters.network.http_connection_manager.v3.HttpConnectionManager", {
    stat_prefix: "in",
    rds: { route_config_name: "routes", config_source: ADS },
    access_log: accessLog ? [log] : [],
    http_filters: [
      typed("mutate", "filters.http.header_mutation.v3.HeaderMutation", {
        mutations: { response_mutations: [{ append: mutation }] },
      }),
      typed("router", "filters.http.router.v3.Router"),
    ],
  });
  const socket = transportSocket === undefined ? {} : { transport_socket: transportSocket };
  return readResource("LDS", {
    name,
    address: loopback(port),
    filter_chains: [{ filters: [manager], ...socket }],
  });
}

function secretOf({ cert, key }: Certificate): VersionedResource {
  return readResource("SDS", {
    name: "pair",
    tls_certificate: {
      certificate_chain: { inline_string: cert },
      private_key: { inline_string: key },
    },
  });
}
