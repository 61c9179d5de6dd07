import type { Demand } from "../../../on-demand/model.ts";
import type { RouteConfigs } from "../rds/route-configs.ts";
import { buildRouteTable, type RouteTable } from "../table.ts";
import type { RouteTableDeps } from "../table/deps.ts";
import type { DeliveredScope, ScopesChange } from "./model.ts";
import type { ScopeTables } from "./scoped-route-table.ts";

/** Scopes on a worker that come and go by SRDS. */
class ChangingScopes implements ScopeTables {
  readonly #id: number;
  readonly #routeConfigs: RouteConfigs;
  readonly #byName = new Map<string, DeliveredScope>();
  /** What of them a key leads to: for a moment two may have the same, then the newer one. */
  readonly #byKey = new Map<string, { readonly scope: DeliveredScope; table: RouteTable | null }>();
  #deps: RouteTableDeps | null = null;

  constructor(id: number, routeConfigs: RouteConfigs) {
    this.#id = id;
    this.#routeConfigs = routeConfigs;
  }

  get(key: string): RouteTable | undefined {
    const found = this.#byKey.get(key);
    return found === undefined ? undefined : (found.table ??= this.#build(found.scope));
  }

  demandOf(key: string): Demand | null {
    const scope = this.#byKey.get(key)?.scope;
    if (scope === undefined || typeof scope.table !== "number") return null;
    if (this.#routeConfigs.hasRoutes(scope.table)) return null;
    return { kind: "scope", scopesId: this.#id, name: scope.name };
  }

  apply({ removed, set }: ScopesChange): void {
    for (const name of removed) this.#remove(name);
    for (const scope of set) {
      this.#remove(scope.name);
      this.#byName.set(scope.name, scope);
      this.#byKey.set(scope.key, { scope, table: null });
    }
  }

  /** What builds the per-route configurations of filters is the same for all who use the scopes. */
  buildWith(deps: RouteTableDeps): void {
    this.#deps ??= deps;
  }

  #remove(name: string): void {
    const scope = this.#byName.get(name);
    if (scope === undefined) return;
    this.#byName.delete(name);
    if (this.#byKey.get(scope.key)?.scope === scope) this.#byKey.delete(scope.key);
  }

  #build({ table }: DeliveredScope): RouteTable {
    const deps = this.#deps!;
    return typeof table === "number"
      ? this.#routeConfigs.table(table, deps)
      : buildRouteTable(table, deps);
  }
}

/** The scopes of a worker that come by SRDS. Connection managers share them by the number that main gave. */
export class ScopedRoutes {
  readonly #routeConfigs: RouteConfigs;
  readonly #scopes = new Map<number, ChangingScopes>();

  constructor(routeConfigs: RouteConfigs) {
    this.#routeConfigs = routeConfigs;
  }

  /** Null: nobody uses the scopes any more. */
  apply(id: number, change: ScopesChange | null): void {
    if (change === null) this.#scopes.delete(id);
    else this.#scopesOf(id).apply(change);
  }

  /** The scopes of that number, of which there may be none yet. */
  scopes(id: number, deps: RouteTableDeps): ScopeTables {
    const scopes = this.#scopesOf(id);
    scopes.buildWith(deps);
    return scopes;
  }

  #scopesOf(id: number): ChangingScopes {
    let scopes = this.#scopes.get(id);
    if (scopes === undefined)
      this.#scopes.set(id, (scopes = new ChangingScopes(id, this.#routeConfigs)));
    return scopes;
  }
}
