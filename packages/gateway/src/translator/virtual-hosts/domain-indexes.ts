import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import type { RouteAttachment, TranslatedRoute } from "../translated-route.ts";

/** Which routes have to do with a domain. Members are keys of routes. */
export interface DomainIndexes {
  /** By `domainKey`: all whose rules may be for a domain. */
  readonly byDomain: Index<TranslatedRoute>;
  /** By the name of a virtual host: those that want it to be there. */
  readonly byVirtualHost: Index<TranslatedRoute>;
}

/** Indexes are kept from now on. */
export function domainIndexes(routes: Cells<TranslatedRoute>): DomainIndexes {
  return {
    byDomain: new Index("routes by domain", routes, (route) =>
      attachments(route).flatMap(({ listener, domains }) =>
        domains.map((domain) => domainKey(listener, domain)),
      ),
    ),
    byVirtualHost: new Index("routes by virtual host", routes, (route) =>
      attachments(route).flatMap(({ routeConfig, served = [] }) =>
        routeConfig === undefined ? [] : served.map((domain) => `${routeConfig}/${domain}`),
      ),
    ),
  };
}

/** A domain at a listener. */
export function domainKey(listener: string, domain: string): string {
  return `${listener}|${domain}`;
}

function attachments({ parents }: TranslatedRoute): RouteAttachment[] {
  return parents.flatMap((parent) => parent.attachments);
}
