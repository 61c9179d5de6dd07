import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { loopback } from "../harness/typed-config.ts";

/** The parts of a bootstrap that are looked at; everything else stays as it is written. */
interface Bootstrap {
  admin?: { address: unknown };
  static_resources: {
    listeners: { address: SocketAddress; filter_chains: Chain[] }[];
    clusters: Cluster[];
  };
}

interface SocketAddress {
  socket_address: { address: string; port_value: number };
}

interface Chain {
  filter_chain_match?: {
    transport_protocol?: string;
    application_protocols?: string[];
  } | null;
  transport_socket?: unknown;
  filters: { typed_config: FilterConfig }[];
}

interface FilterConfig {
  /** Of a TCP proxy. */
  cluster?: string;
  /** Of an HTTP connection manager. */
  route_config?: { virtual_hosts: { routes: { route?: { cluster?: string } }[] }[] };
}

interface Cluster {
  name: string;
  transport_socket?: unknown;
  load_assignment: {
    endpoints: { lb_endpoints: { endpoint: { address: SocketAddress } }[] }[];
  };
}

/** What a client has to do to get to one cluster, and how that is reached. */
export interface Call {
  readonly listenerPort: number;
  readonly cluster: string;
  /** The client speaks TLS, and offers these protocols in it; empty offers none. */
  readonly tls: boolean;
  readonly alpn: readonly string[];
  /** What arrives there is TLS. */
  readonly backendTls: boolean;
}

/** An example whose listeners and backends are on this machine, and nothing else of it is changed. */
export interface Example {
  readonly bootstrap: object;
  /** A backend's port by its cluster's name. */
  readonly backends: ReadonlyMap<string, number>;
  /** One for each filter chain. */
  readonly calls: readonly Call[];
}

/** Reads an example and gives it ports, in the order: admin, listeners, clusters. `next` finds them. */
export function readExample(file: string, next: () => number): Example {
  const bootstrap = parse(readFileSync(file, "utf8")) as Bootstrap;
  const { listeners, clusters } = bootstrap.static_resources;
  const securePorts = new Set(clusters.filter(isSecurePort).map(({ name }) => name));
  bootstrap.admin = { address: loopback(next()) };
  for (const listener of listeners) listener.address = loopback(next()) as SocketAddress;
  const backends = new Map(clusters.map((cluster) => [cluster.name, next()]));
  for (const { name, load_assignment } of clusters) {
    for (const { lb_endpoints } of load_assignment.endpoints)
      for (const { endpoint } of lb_endpoints)
        endpoint.address = loopback(backends.get(name)!) as SocketAddress;
  }
  const calls = listeners.flatMap(({ address, filter_chains }) =>
    filter_chains.map((chain): Call => {
      const config = chain.filters.at(-1)!.typed_config;
      const cluster = clusterOf(config);
      const passes = config.cluster !== undefined;
      const isTlsPassed = passes && securePorts.has(cluster);
      const tls = chain.transport_socket !== undefined || isTlsPassed;
      return {
        listenerPort: address.socket_address.port_value,
        cluster,
        tls,
        alpn: chain.filter_chain_match?.application_protocols ?? [],
        backendTls:
          isTlsPassed ||
          clusters.some((one) => one.name === cluster && one.transport_socket !== undefined),
      };
    }),
  );
  return { bootstrap, backends, calls };
}

/** Where the admin of an example listens. */
export function adminPortOf({ bootstrap }: Example): number {
  return (bootstrap as { admin: { address: SocketAddress } }).admin.address.socket_address
    .port_value;
}

function clusterOf({ cluster, route_config: routes }: FilterConfig): string {
  const name = cluster ?? routes?.virtual_hosts[0]?.routes[0]?.route?.cluster;
  if (name === undefined) throw new Error("there is no stand-in for where this filter chain goes");
  return name;
}

/** What a proxy only passes on is TLS where the server's port says so. */
function isSecurePort({ load_assignment: { endpoints } }: Cluster): boolean {
  return endpoints[0]?.lb_endpoints[0]?.endpoint.address.socket_address.port_value === 443;
}
