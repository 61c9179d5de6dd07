import { CLOSED, sumOfWeights, type Chain, type Connections } from "./connections.ts";

/** What Envoy Gateway's representation says of a listener of connections or datagrams. */
export interface TheirL4Listener {
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
  readonly destination?: { readonly settings?: readonly TheirL4Backend[] };
}

interface TheirL4Backend {
  readonly weight?: number;
  readonly invalid?: boolean;
  readonly metadata?: {
    readonly namespace: string;
    readonly name: string;
    readonly sectionName?: string;
  };
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

/** What Envoy Gateway's representation does with connections and datagrams. */
export function theirConnections(gateways: Readonly<Record<string, TheirListeners>>): Connections {
  const connections = new Map<string, Chain[]>();
  for (const [gateway, { http = [], tcp = [], udp = [] }] of Object.entries(gateways)) {
    const add = (protocol: string, port: number, chains: readonly Chain[]): void => {
      const key = `${gateway}/${protocol}-${port}`;
      connections.set(key, [...(connections.get(key) ?? []), ...chains]);
    };
    for (const listener of http) add("tcp", listener.externalPort, [httpChain(listener)]);
    for (const { externalPort, routes = [] } of tcp)
      add("tcp", externalPort, routes.length === 0 ? [CLOSED] : routes.map(l4Chain));
    for (const { externalPort, route } of udp)
      add("udp", externalPort, [route === undefined ? CLOSED : l4Chain(route)]);
  }
  return connections;
}

function httpChain({ name, hostnames = [], tls }: TheirHttpListener): Chain {
  if (tls === undefined) return { ...CLOSED, to: "http" };
  const to = `https ${name}`;
  return { ...CLOSED, serverNames: hostnames.filter((one) => one !== "*"), to };
}

function l4Chain({ name, tls, destination }: TheirL4Route): Chain {
  const settings = destination?.settings ?? [];
  const how = tls === undefined ? "" : tls.terminate === undefined ? "passthrough " : "terminate ";
  const there = settings.flatMap(({ invalid, metadata, weight = 1 }) =>
    invalid === true || metadata === undefined
      ? []
      : [[`${metadata.namespace}/${metadata.name}:${metadata.sectionName}`, weight] as const],
  );
  const missing = settings.filter(({ invalid }) => invalid === true);
  return {
    serverNames: (tls?.inspector?.snis ?? []).filter((one) => one !== "*"),
    to: how + name,
    backends: sumOfWeights(there),
    missing: missing.reduce((sum, { weight = 1 }) => sum + weight, 0),
  };
}
