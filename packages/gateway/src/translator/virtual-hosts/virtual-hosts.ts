import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import { Stage, type Read } from "../../incremental/stage.ts";
import type { IrDirectResponse, IrRoute, IrRouteMatch, IrVirtualHost } from "../../ir/route.ts";
import { widerDomains } from "../hostnames.ts";
import {
  ownerOf,
  type AttachableGateway,
  type DomainOwner,
  type DomainOwners,
} from "../routes/attachable-gateways.ts";
import { redirectsOfListener } from "../routes/http/redirect.ts";
import type { TranslatedRoute } from "../translated-route.ts";
import { domainKey, type DomainIndexes } from "./domain-indexes.ts";
import { rulesInOrder } from "./precedence.ts";

interface VirtualHostInputs {
  readonly gateways: Cells<AttachableGateway>;
  readonly routes: Cells<TranslatedRoute>;
  readonly indexes: DomainIndexes;
}

/**
 * By `<route config>/<domain>`: each domain that a route or a listener names. It reads the routes that name its domain,
 * or a wider one, at the listener that has it.
 */
export function virtualHosts(inputs: VirtualHostInputs): Stage<IrVirtualHost> {
  return new Stage<IrVirtualHost>({
    name: "virtual hosts",
    compute: (name, read) => {
      const [routeConfig, domain] = splitAtLast(name);
      const gateway = gatewayOf(routeConfig);
      const attachable = read.one(inputs.gateways, gateway);
      const owners = attachable?.owners[attachable.ports[routeConfig] ?? ""];
      if (owners === undefined) return undefined;
      if (domain === MISDIRECTED) return misdirected({ name, gateway, routeConfig }, owners);
      const owner = ownerOf(owners, domain);
      if (owner?.routeConfig !== routeConfig) return undefined;
      const routes = routesOf(inputs, read, owner, domain);
      return { name, gateway, routeConfig, domain, routes };
    },
  })
    .forEach(inputs.indexes.byVirtualHost)
    .forEach(listenerDomains(inputs.gateways));
}

/** In the place of a domain, as no domain is called. */
const MISDIRECTED = "-misdirected";

/**
 * Domains of other listeners of the port: such a request came by a connection that was opened for another host, and the
 * client is to open one for this (RFC 9110, 15.5.20). One piece for them all, as there may be as many as listeners.
 */
function misdirected(
  base: Pick<IrVirtualHost, "name" | "gateway" | "routeConfig">,
  owners: DomainOwners,
): IrVirtualHost | undefined {
  const [domain, ...otherDomains] = Object.keys(owners)
    .filter((name) => owners[name]?.routeConfig !== base.routeConfig)
    .toSorted();
  if (domain === undefined) return undefined;
  const match: IrRouteMatch = {
    path: { kind: "prefix", value: "/" },
    headers: [],
    queryParams: [],
  };
  const action: IrDirectResponse = { kind: "directResponse", statusCode: 421 };
  return { ...base, domain, otherDomains, routes: [{ name: "misdirected", match, action }] };
}

/** In each route configuration, the domains that its listeners name, and a place for those of others. */
function listenerDomains(gateways: Cells<AttachableGateway>): Cells<ReadonlySet<string>> {
  return new Index("domains of listeners", gateways, ({ owners, ports }) => [
    ...Object.keys(ports).map((routeConfig) => `${routeConfig}/${MISDIRECTED}`),
    ...Object.values(owners).flatMap((ofPort) =>
      Object.entries(ofPort).flatMap(([domain, { routeConfig }]) =>
        routeConfig === "" ? [] : [`${routeConfig}/${domain}`],
      ),
    ),
  ]);
}

function routesOf(
  { routes, indexes }: VirtualHostInputs,
  read: Read,
  owner: DomainOwner,
  domain: string,
): IrRoute[] {
  const seen = new Set<string>();
  const levels = [domain, ...widerDomains(domain)].map((level) => {
    const keys = read.one(indexes.byDomain, domainKey(owner.listener, level)) ?? [];
    // What a route has said of a narrower domain need not be said again.
    const added = [...keys].filter((key) => !seen.has(key));
    for (const key of added) seen.add(key);
    return added.map((key) => read.one(routes, key)!);
  });
  return levels
    .flatMap((level) => rulesInOrder(level, owner.listener))
    .flatMap((route) => ofListener(route, owner));
}

function ofListener(route: IrRoute, owner: DomainOwner): IrRoute[] {
  const { action } = route;
  return action.kind === "redirect" ? redirectsOfListener(route, action, owner) : [route];
}

function splitAtLast(name: string): [routeConfig: string, domain: string] {
  const end = name.lastIndexOf("/");
  return [name.slice(0, end), name.slice(end + 1)];
}

/** The names of all pieces begin with it. */
function gatewayOf(piece: string): string {
  return piece.split("/", 2).join("/");
}
