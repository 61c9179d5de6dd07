import type { IrListener } from "@nuncio/gateway";
import type { PieceLists } from "@nuncio/gateway/testing/pieces";
import { freePorts } from "../../harness/free-ports.ts";
import { INVALID } from "../oracle/connections.ts";
import { backendOf } from "../oracle/our-backends.ts";
import { plainChain, udpChain } from "../oracle/our-connections.ts";
import { plainRoutes } from "../oracle/our-routing.ts";
import type { PlainRoute } from "../oracle/routing.ts";
import type { Backends } from "./backends.ts";
import type { ProbedPort } from "./probe-connections.ts";
import type { Target } from "./send.ts";

/** Requests for a domain at a listener: where they go, and what routes there are. */
export interface ProbedHost {
  /** `<listener> <domain>` */
  readonly name: string;
  readonly target: Target;
  readonly routes: readonly PlainRoute[];
}

/** Pieces whose listeners are on ports of 127.0.0.1, and whose backends are there. */
export interface ProbeScene {
  readonly lists: PieceLists;
  readonly hosts: readonly ProbedHost[];
  readonly ports: readonly ProbedPort[];
}

/** TLS towards backends goes, and so do certificates of clients; each endpoint is the server that stands for its cluster. */
export async function probeScene(lists: PieceLists, backends: Backends): Promise<ProbeScene> {
  const listeners = (lists.listeners ?? []).flatMap((listener) => {
    const filterChains = listener.filterChains.filter(
      ({ tls }) => tls?.clientValidation === undefined,
    );
    const isEmpty = filterChains.length === 0 && listener.protocol === "TCP";
    return isEmpty ? [] : [{ ...listener, filterChains }];
  });
  const ports = await freePorts(listeners.length);
  const placed = listeners.map((listener, i) => ({
    ...listener,
    addresses: ["127.0.0.1"],
    port: ports[i]!,
  }));
  const endpoints = [];
  for (const { name, gateway, endpoints: there } of lists.endpoints ?? []) {
    const [, , kind] = name.split("/");
    if (there.length === 0 || kind === undefined) continue;
    const address = { address: "127.0.0.1", port: await backends.portOf(name) };
    endpoints.push({ name, gateway, endpoints: [address] });
  }
  const clusters = (lists.clusters ?? []).map(({ name, gateway, backend, protocol }) => ({
    name,
    gateway,
    backend,
    protocol,
    discovery: "endpoints" as const,
  }));
  const used = new Set(
    placed.flatMap(({ filterChains }) =>
      filterChains.flatMap(({ tls }) => tls?.certificates ?? []),
    ),
  );
  const secrets = lists.secrets?.filter(({ name }) => used.has(name)) ?? [];
  const scene = { ...lists, listeners: placed, endpoints, clusters, secrets };
  return { lists: scene, hosts: hostsOf(scene), ports: placed.map(probedPort) };
}

function probedPort({ name, port, protocol, filterChains, udp }: IrListener): ProbedPort {
  const chains =
    udp === undefined ? filterChains.map((chain) => plainChain(chain)) : [udpChain(udp)];
  return { name, port, protocol, chains };
}

function hostsOf({ listeners = [], virtualHosts = [], clusters = [] }: PieceLists): ProbedHost[] {
  const known = new Set(clusters.map(({ name }) => name));
  const nameOf = (name: string): string => (known.has(name) ? backendOf(name) : INVALID);
  return listeners.flatMap(({ name, port, filterChains }) =>
    filterChains.flatMap(({ name: chain, serverNames, tls, handler }) => {
      if (handler.kind !== "http") return [];
      const ofChain = virtualHosts.filter(({ routeConfig }) => routeConfig === handler.routeConfig);
      return ofChain.map(({ domain, routeConfig, routes }) => {
        const serverName = serverNames[0] === undefined ? undefined : sampleOf(serverNames[0]);
        return {
          name: `${name} ${chain} ${domain}`,
          target: {
            port,
            host: sampleOf(domain),
            ...(tls !== undefined && { tls: { ...(serverName !== undefined && { serverName }) } }),
          },
          routes: plainRoutes(routes, routeConfig, nameOf),
        };
      });
    }),
  );
}

/** A name that no other domain of these tests has. */
function sampleOf(domain: string): string {
  return domain === "*" ? "probe.test" : domain.replace("*.", "probe.");
}
