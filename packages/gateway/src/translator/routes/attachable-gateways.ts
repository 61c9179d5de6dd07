import type { Cells } from "../../incremental/cells.ts";
import { Stage } from "../../incremental/stage.ts";
import type { ObjectKey } from "../../resources/object.ts";
import { domainOf, widerDomains } from "../hostnames.ts";
import type { TranslatedGateway, TranslatedListener } from "../translated-gateway.ts";

/** What routes need to know of a Gateway: they are not computed again when something else of it changes. */
export interface AttachableGateway {
  readonly listeners: readonly AttachableListener[];
  /** Also those that it does not accept. */
  readonly listenerSets: readonly ObjectKey[];
  readonly defaultScope?: "All";
  /** Listeners that are served, by `HTTP-<port>` or `HTTPS-<port>` (and TLS) and the domain that they name. */
  readonly owners: Readonly<Record<string, DomainOwners>>;
  /** Which of `owners` the domains of a route configuration are shared out by. */
  readonly ports: Readonly<Record<string, string>>;
}

export type AttachableListener = Pick<
  TranslatedListener,
  | "id"
  | "owner"
  | "name"
  | "port"
  | "protocol"
  | "hostname"
  | "tlsMode"
  | "kinds"
  | "allowedNamespaces"
  | "routeConfig"
>;

export type DomainOwners = Readonly<Record<string, DomainOwner>>;

/** The listener that has a domain. */
export interface DomainOwner {
  readonly listener: string;
  /** Empty: it has none, as it is one of TLS. */
  readonly routeConfig: string;
  readonly protocol: string;
  readonly port: number;
}

/** By the key of the Gateway. */
export function attachableGateways(gateways: Cells<TranslatedGateway>): Stage<AttachableGateway> {
  return new Stage<AttachableGateway>({
    name: "attachable gateways",
    compute: (key, read) => {
      const gateway = read.one(gateways, key);
      return gateway === undefined ? undefined : attachable(gateway);
    },
  }).forEach(gateways);
}

function attachable({
  listeners,
  listenerSets,
  defaultScope,
}: TranslatedGateway): AttachableGateway {
  const owners: Record<string, Record<string, DomainOwner>> = {};
  const ports: Record<string, string> = {};
  for (const { id, programmed, routeConfig = "", protocol, port, hostname } of listeners) {
    // TLS and HTTPS share out the names of a port among them.
    if (!programmed || (routeConfig === "" && protocol !== "TLS")) continue;
    const name = `${protocol === "HTTP" ? "HTTP" : "HTTPS"}-${port}`;
    if (routeConfig !== "") ports[routeConfig] = name;
    const ofPort = (owners[name] ??= {});
    ofPort[domainOf(hostname)] ??= { listener: id, routeConfig, protocol, port };
  }
  return {
    listeners: listeners.map(attachableListener),
    listenerSets: listenerSets.map(({ key }) => key),
    ...(defaultScope !== undefined && { defaultScope }),
    owners,
    ports,
  };
}

function attachableListener(listener: TranslatedListener): AttachableListener {
  const { id, owner, name, port, protocol, hostname, tlsMode, kinds, allowedNamespaces } = listener;
  return {
    id,
    owner,
    name,
    port,
    protocol,
    kinds,
    allowedNamespaces,
    ...(hostname !== undefined && { hostname }),
    ...(tlsMode !== undefined && { tlsMode }),
    ...(listener.programmed && { routeConfig: listener.routeConfig }),
  };
}

/** Who has a domain: the listener that names it, or the narrowest one around it. */
export function ownerOf(owners: DomainOwners, domain: string): DomainOwner | undefined {
  for (const name of [domain, ...widerDomains(domain)]) {
    const owner = Object.hasOwn(owners, name) ? owners[name] : undefined;
    if (owner !== undefined) return owner;
  }
  return undefined;
}
