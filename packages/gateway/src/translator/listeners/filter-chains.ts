import type { Read } from "../../incremental/stage.ts";
import type { IrDownstreamTls, IrFilterChain, IrL4Route } from "../../ir/listener.ts";
import { domainOf, widerDomains } from "../hostnames.ts";
import type { TranslatedListener } from "../translated-gateway.ts";
import type { Attachments } from "./attachments.ts";

/** What the connections of a port of TCP are done with. The listeners are those that are served; sorted by name. */
export function filterChains(
  read: Read,
  attachments: Attachments,
  listeners: readonly TranslatedListener[],
): IrFilterChain[] {
  const ofProtocol = (protocol: string): TranslatedListener[] =>
    listeners.filter((listener) => listener.protocol === protocol);
  return [
    ...plainHttp(read, attachments, ofProtocol("HTTP")),
    ...ofProtocol("HTTPS").map((listener) => https(read, attachments, listener)),
    ...ofProtocol("TLS").flatMap((listener) => tls(read, attachments, listener, listeners)),
    ...ofProtocol("TCP").map((listener) => tcp(read, attachments, listener)),
  ].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** HTTP listeners of a port share a chain: what host a request is for is known when it is there. */
function plainHttp(
  read: Read,
  attachments: Attachments,
  listeners: readonly TranslatedListener[],
): IrFilterChain[] {
  const routeConfig = listeners[0]?.routeConfig;
  if (routeConfig === undefined) return [];
  const filters = attachments.filters(
    read,
    listeners.map(({ id }) => id),
  );
  return [{ name: routeConfig, serverNames: [], handler: { kind: "http", routeConfig, filters } }];
}

function https(read: Read, attachments: Attachments, listener: TranslatedListener): IrFilterChain {
  const { id, hostname, routeConfig = id } = listener;
  return {
    name: id,
    serverNames: serverNames(domainOf(hostname)),
    tls: downstreamTls(listener, ["h2", "http/1.1"]),
    handler: { kind: "http", routeConfig, filters: attachments.filters(read, [id]) },
  };
}

/**
 * A chain for each name that a route of the listener has, and one for the listener's own name: a connection for a name
 * that no route has is closed, and does not end at a listener with a wider name.
 */
function tls(
  read: Read,
  attachments: Attachments,
  listener: TranslatedListener,
  all: readonly TranslatedListener[],
): IrFilterChain[] {
  const { id, tlsMode } = listener;
  const own = domainOf(listener.hostname);
  const names = new Map(all.map((one) => [domainOf(one.hostname), one.id]));
  const routes = new Map<string, IrL4Route>();
  for (const { domains, route } of attachments.l4(read, id)) {
    // A TCPRoute has no names: it is for the listener's.
    for (const domain of domains.length === 0 ? [own] : domains)
      if (!routes.has(domain) && ownerOf(names, domain) === id) routes.set(domain, route);
  }
  if (!routes.has(own)) routes.set(own, { name: `${id}/none`, clusters: [] });
  return [...routes].map(([domain, route]) => ({
    name: `${id}/${domain}`,
    serverNames: serverNames(domain),
    transportProtocol: "tls",
    ...(tlsMode === "Terminate" && { tls: downstreamTls(listener, []) }),
    handler: { kind: "tcp", route },
  }));
}

/** The listener that a name belongs to: the one that names it, or the narrowest around it. */
function ownerOf(names: ReadonlyMap<string, string>, domain: string): string | undefined {
  const owner = [domain, ...widerDomains(domain)].find((name) => names.has(name));
  return owner === undefined ? undefined : names.get(owner);
}

function tcp(read: Read, attachments: Attachments, { id }: TranslatedListener): IrFilterChain {
  return {
    name: id,
    serverNames: [],
    handler: { kind: "tcp", route: oldest(read, attachments, id) },
  };
}

/** The oldest route of a listener has all of its connections or datagrams; none: they are refused. */
export function oldest(read: Read, attachments: Attachments, listener: string): IrL4Route {
  const [first] = attachments.l4(read, listener);
  return first?.route ?? { name: `${listener}/none`, clusters: [] };
}

function serverNames(domain: string): string[] {
  return domain === "*" ? [] : [domain];
}

function downstreamTls(
  { certificates, clientValidation, minTlsVersion, maxTlsVersion }: TranslatedListener,
  alpn: readonly string[],
): IrDownstreamTls {
  return {
    certificates,
    alpn,
    ...(clientValidation !== undefined && { clientValidation }),
    ...(minTlsVersion !== undefined && { minVersion: minTlsVersion }),
    ...(maxTlsVersion !== undefined && { maxVersion: maxTlsVersion }),
  };
}
