/** What is done with connections, or datagrams, of a port. */
export interface Chain {
  /** Names of SNI, `*.example.com` for all below; empty: any. */
  readonly serverNames: readonly string[];
  /** `https <listener>`, `terminate <route>`, `passthrough <route>`, `<route>` or `http`. */
  readonly to: string;
  /** `namespace/name:port` with its weight. */
  readonly backends: ReadonlyMap<string, number>;
  /** The weight of backends that are not there. */
  readonly missing: number;
}

/** By `<gateway>/tcp-<port>` and `<gateway>/udp-<port>`. */
export type Connections = ReadonlyMap<string, readonly Chain[]>;

/** A backend that is not there. */
export const INVALID = "invalid";

/** What a connection without a name asks for. */
export const NO_NAME = "";

/** Connections are closed, datagrams dropped. A listener none of whose routes has a name says `closed by <listener>`. */
export const CLOSED: Chain = {
  serverNames: [],
  to: "closed",
  backends: new Map(),
  missing: 0,
};

/** One backend may be named twice; those without weight get nothing. */
export function sharesOf(
  named: readonly { readonly to: string; readonly weight: number }[],
): Pick<Chain, "backends" | "missing"> {
  const backends = new Map<string, number>();
  for (const { to, weight } of named)
    if (weight > 0) backends.set(to, (backends.get(to) ?? 0) + weight);
  const missing = backends.get(INVALID) ?? 0;
  backends.delete(INVALID);
  return { backends, missing };
}

/** The chain with the narrowest name around one that a client asks for; of several the first. */
export function chainFor(chains: readonly Chain[], serverName: string): Chain {
  for (const name of [serverName, ...widerNames(serverName)]) {
    const found = chains.find(({ serverNames }) => serverNames.includes(name));
    if (found !== undefined) return found;
  }
  return chains.find(({ serverNames }) => serverNames.length === 0) ?? CLOSED;
}

/** Names that try all chains: their own, names below wildcards, near misses, and none. */
export function serverNamesFor(chains: readonly Chain[]): string[] {
  const names = chains.flatMap(({ serverNames }) => serverNames.flatMap(namesAround));
  return names.length === 0 ? [NO_NAME] : [...new Set([NO_NAME, "elsewhere.test", ...names])];
}

function namesAround(name: string): string[] {
  if (!name.startsWith("*.")) return [name, `x${name}`, `below.${name}`, `${name}.test`];
  const base = name.slice(2);
  return [`probe.${base}`, `probe.deeper.${base}`, base, `x${base}`];
}

/** Wildcards around a name, the narrowest first. */
export function widerNames(serverName: string): string[] {
  const labels = serverName.split(".");
  return labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join(".")}`);
}
