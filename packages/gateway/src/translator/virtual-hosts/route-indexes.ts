import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import type { IrHttpFilter } from "../../ir/listener.ts";
import type { RouteAttachment, TranslatedRoute } from "../translated-route.ts";

/** Who has what of the translated routes. Members are keys of routes. */
export interface RouteIndexes {
  /** By the id of the listener: all that are attached. */
  readonly byListener: Index<TranslatedRoute>;
  /** By `domainKey`: all whose rules may be for a domain. */
  readonly byDomain: Index<TranslatedRoute>;
  /** By the name of a virtual host: those that want it to be there. */
  readonly byVirtualHost: Index<TranslatedRoute>;
  /** By `filterKey`: all with a rule that needs the filter. */
  readonly byFilter: Index<TranslatedRoute>;
}

/** Indexes are kept from now on. */
export function routeIndexes(routes: Cells<TranslatedRoute>): RouteIndexes {
  return {
    byListener: new Index("routes by listener", routes, (route) =>
      attachments(route).map(({ listener }) => listener),
    ),
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
    byFilter: new Index("routes by filter", routes, ({ parents }) =>
      parents.flatMap(({ filters = [], attachments: attached }) =>
        attached.flatMap(({ routeConfig }) =>
          routeConfig === undefined ? [] : filters.map((filter) => filterKey(routeConfig, filter)),
        ),
      ),
    ),
  };
}

/** A domain at a listener. */
export function domainKey(listener: string, domain: string): string {
  return `${listener}|${domain}`;
}

/** A filter in a route configuration. */
function filterKey(routeConfig: string, filter: IrHttpFilter): string {
  return `${routeConfig}|${filter}`;
}

function attachments({ parents }: TranslatedRoute): RouteAttachment[] {
  return parents.flatMap((parent) => parent.attachments);
}
