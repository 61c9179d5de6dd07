import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import type { RouteAttachment, TranslatedRoute } from "../translated-route.ts";
import { DomainRules } from "./domain-rules.ts";

/** What routes have to do with domains. */
export interface DomainIndexes {
  readonly rules: DomainRules;
  /** By the name of a virtual host: the keys of the routes that want it to be there. */
  readonly byVirtualHost: Index<TranslatedRoute>;
}

/** Indexes are kept from now on. */
export function domainIndexes(routes: Cells<TranslatedRoute>): DomainIndexes {
  return {
    rules: new DomainRules(routes),
    byVirtualHost: new Index("routes by virtual host", routes, ({ parents }) =>
      parents
        .flatMap(({ attachments }): readonly RouteAttachment[] => attachments)
        .flatMap(({ routeConfig, served = [] }) =>
          routeConfig === undefined ? [] : served.map((domain) => `${routeConfig}/${domain}`),
        ),
    ),
  };
}
