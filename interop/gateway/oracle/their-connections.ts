import { CLOSED, sharesOf, type Chain, type Connections } from "./connections.ts";
import { theirBackend, type TheirBackend } from "./their-features.ts";

/** What Envoy Gateway's representation says of a listener of connections or datagrams. */
export interface TheirL4Listener {
  readonly name: string;
  readonly externalPort: number;
  readonly routes?: readonly TheirL4Route[];
  /** UDP has one. */
  readonly route?: TheirL4Route;
}

interface TheirL4Route {
  readonly name: string;
  readonly tls?: {
    readonly inspector?: { readonly snis?: readonly string[] };
    readonly terminate?: object;
  };
  readonly destination?: { readonly settings?: readonly TheirBackend[] };
}

interface TheirHttpListener {
  readonly name: string;
  readonly externalPort: number;
  readonly hostnames?: readonly string[];
  readonly tls?: object;
}

/** The parts of a gateway that listen. */
export interface TheirListeners {
  readonly http?: readonly TheirHttpListener[];
  readonly tcp?: readonly TheirL4Listener[];
  readonly udp?: readonly TheirL4Listener[];
}

/** A listener as Gateways have it. */
export interface NamedListener {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  readonly hostname?: string;
}

/**
 * What Envoy Gateway's representation does with connections and datagrams.
 *
 * @param named all listeners, by `<gateway>/<listener>`, with the ListenerSet before those of one
 */
export function theirConnections(
  gateways: Readonly<Record<string, TheirListeners>>,
  named: ReadonlyMap<string, NamedListener>,
): Connections {
  const connections = new Map<string, Chain[]>();
  for (const [gateway, listeners] of Object.entries(gateways)) {
    for (const [place, chain] of chainsOf(listeners, named)) {
      const key = `${gateway}/${place}`;
      connections.set(key, [...(connections.get(key) ?? []), chain]);
    }
  }
  return connections;
}

/** `tcp-<port>` or `udp-<port>`, and a chain that is there. */
type PlacedChain = readonly [place: string, chain: Chain];

function chainsOf(
  { http = [], tcp = [], udp = [] }: TheirListeners,
  named: ReadonlyMap<string, NamedListener>,
): PlacedChain[] {
  return [
    ...http.map((one): PlacedChain => [`tcp-${one.externalPort}`, httpChain(one)]),
    ...narrowestFirst(tcp, named).flatMap(({ externalPort, routes = [] }) =>
      (routes.length === 0 ? [CLOSED] : routes.map(l4Chain)).map((chain): PlacedChain => [
        `tcp-${externalPort}`,
        chain,
      ]),
    ),
    ...udp.map(({ externalPort, route }): PlacedChain => [
      `udp-${externalPort}`,
      route === undefined ? CLOSED : l4Chain(route),
    ]),
  ];
}

/** Of chains with the same name, which Envoy refuses, the one of the narrower listener is the one that is meant. */
function narrowestFirst(
  tcp: readonly TheirL4Listener[],
  named: ReadonlyMap<string, NamedListener>,
): TheirL4Listener[] {
  const width = ({ name }: TheirL4Listener): number => named.get(name)?.hostname?.length ?? 0;
  return tcp.toSorted((a, b) => width(b) - width(a));
}

function httpChain({ name, hostnames = [], tls }: TheirHttpListener): Chain {
  if (tls === undefined) return { ...CLOSED, to: "http" };
  const to = `https ${name}`;
  return { ...CLOSED, serverNames: hostnames.filter((one) => one !== "*"), to };
}

function l4Chain({ name, tls, destination }: TheirL4Route): Chain {
  const settings = destination?.settings ?? [];
  const how = tls === undefined ? "" : tls.terminate === undefined ? "passthrough " : "terminate ";
  const named = settings.map((one) => ({ to: theirBackend(one), weight: one.weight ?? 1 }));
  return {
    serverNames: (tls?.inspector?.snis ?? []).filter((one) => one !== "*"),
    to: how + name,
    ...sharesOf(named),
  };
}
