/** Something that is asked for when a request or connection needs it. Plain data; workers and main tell each other. */
export type Demand =
  /** The virtual host of a route configuration that comes by VHDS. `host` is lower case. */
  | { readonly kind: "virtual_host"; readonly routeConfigId: number; readonly host: string }
  /** The routes of a scope that comes by SRDS. */
  | { readonly kind: "scope"; readonly scopesId: number; readonly name: string }
  /** A cluster, from one of the sources that are known by a number (ODCDS). */
  | { readonly kind: "cluster"; readonly sourceId: number; readonly name: string };

/** Equal for equal demands. */
export function demandKey(demand: Demand): string {
  switch (demand.kind) {
    case "virtual_host":
      return `h${demand.routeConfigId} ${demand.host}`;
    case "scope":
      return `s${demand.scopesId} ${demand.name}`;
    case "cluster":
      return `c${demand.sourceId} ${demand.name}`;
  }
}
