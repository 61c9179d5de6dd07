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
import type { DomainIndexes } from "./domain-indexes.ts";
import { domainKey, type DomainRules } from "./domain-rules.ts";
import { ListenerRedirects } from "./listener-redirects.ts";
import type { RankedRule } from "./ranked-rule.ts";
import type { RuleList } from "./rule-list.ts";

interface VirtualHostInputs {
  readonly gateways: Cells<AttachableGateway>;
  readonly indexes: DomainIndexes;
}

/**
 * By `<route config>/<domain>`: each domain that a route or a listener names. It reads the rules of routes that name its
 * domain, or a wider one, at the listener that has it.
 */
export function virtualHosts({ gateways, indexes }: VirtualHostInputs): Stage<IrVirtualHost> {
  const redirects = new ListenerRedirects();
  return new Stage<IrVirtualHost>({
    name: "virtual hosts",
    compute: (name, read) => {
      const [routeConfig, domain] = splitAtLast(name);
      const gateway = gatewayOf(routeConfig);
      const attachable = read.one(gateways, gateway);
      const owners = attachable?.owners[attachable.ports[routeConfig] ?? ""];
      if (owners === undefined) return undefined;
      if (domain === MISDIRECTED) return misdirected({ name, gateway, routeConfig }, owners);
      const owner = ownerOf(owners, domain);
      if (owner?.routeConfig !== routeConfig) return undefined;
      const lists = listsOf(indexes.rules, read, owner, domain);
      // Many thousands are copied at once.
      const plain = lists.length === 1 ? lists[0]!.plainRoutes : null;
      const routes = plain ?? toldRoutes(joined(lists), redirects, owner);
      return { name, gateway, routeConfig, domain, routes };
    },
  })
    .forEach(indexes.byVirtualHost)
    .forEach(listenerDomains(gateways));
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

/** Of the domain, then of wider ones. */
function listsOf(
  rules: DomainRules,
  read: Read,
  { listener }: DomainOwner,
  domain: string,
): RuleList[] {
  return [domain, ...widerDomains(domain)]
    .map((level) => read.one(rules, domainKey(listener, level)))
    .filter((list) => list !== undefined);
}

function joined(lists: readonly RuleList[]): RankedRule[] {
  return lists.flatMap((list, level) => {
    const narrower = lists.slice(0, level);
    // What a route has said of a narrower domain need not be said again.
    return list.inOrder.filter(({ route }) => !narrower.some((other) => other.has(route)));
  });
}

function toldRoutes(
  rules: readonly RankedRule[],
  redirects: ListenerRedirects,
  listener: DomainOwner,
): IrRoute[] {
  return rules.flatMap(({ rule }) =>
    rule.action.kind === "redirect" ? redirects.told(rule, rule.action, listener) : rule,
  );
}

function splitAtLast(name: string): [routeConfig: string, domain: string] {
  const end = name.lastIndexOf("/");
  return [name.slice(0, end), name.slice(end + 1)];
}

/** The names of all pieces begin with it. */
function gatewayOf(piece: string): string {
  return piece.split("/", 2).join("/");
}
