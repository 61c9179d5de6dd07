import type { ScopedRouteOptions, ScopedRouteSource } from "../../config/context.ts";
import type { DeliveredScope } from "../../http/route/scoped/model.ts";
import type { ToWorker } from "../../worker/messages.ts";
import type { LiveParts } from "./live-parts.ts";
import type { RouteConfigs } from "./route-configs.ts";
import { ScopeSet, type DeliveredScopes, type ScopeSetOwner } from "./scope-set.ts";
import { sourceKey } from "./source-key.ts";
import type { OnFound } from "./waiting.ts";

/**
 * The scopes that come by SRDS. Each is received and compiled once for all connection managers that ask for the same;
 * workers have them by a number, as they have route configurations.
 */
export class ScopedRoutes implements ScopedRouteSource {
  readonly #routeConfigs: RouteConfigs;
  readonly #entries = new Map<string, ScopeSet>();
  #parts: LiveParts | null = null;
  #count = 0;

  /** `routeConfigs`: where the routes are that scopes name. */
  constructor(routeConfigs: RouteConfigs) {
    this.#routeConfigs = routeConfigs;
  }

  /** From now on what is needed is asked for. */
  start(parts: LiveParts): void {
    this.#parts = parts;
  }

  of(options: ScopedRouteOptions): ScopeSet {
    const { source, rdsSource } = options;
    const key = `${sourceKey(source)} ${rdsSource === undefined ? "" : sourceKey(rdsSource)}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      const owner: ScopeSetOwner = {
        routeConfigs: this.#routeConfigs,
        parts: () => this.#parts,
        end: () => this.#entries.delete(key),
      };
      entry = new ScopeSet(++this.#count, options, owner);
      this.#entries.set(key, entry);
    }
    return entry.hold();
  }

  /** What workers have under this number. */
  scopesOf(id: number): readonly DeliveredScope[] {
    for (const entry of this.#entries.values()) if (entry.id === id) return entry.scopes();
    return [];
  }

  /** Asks for the routes of a scope; calls back when they are in use, or did not come in their time. */
  demand(id: number, name: string, onFound: OnFound): void {
    const entry = [...this.#entries.values()].find((each) => each.id === id);
    if (entry === undefined) onFound(false);
    else entry.demand(name, onFound);
  }

  all(): DeliveredScopes[] {
    return [...this.#entries.values()].flatMap((entry) => entry.dump() ?? []);
  }

  /** What a successor of a dead worker must hear, before the listeners. */
  messages(): ToWorker[] {
    return [...this.#entries.values()].map((entry) => entry.message());
  }
}
