import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { RouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/route_pb";
import type { CompileContext, RouteConfigSource } from "../../config/context.ts";
import type { ReceivedResource, Rejection, Watch } from "../../config/subscriptions.ts";
import { httpFilterMainSides } from "../../http/filters/main-registry.ts";
import { compileRouteConfiguration } from "../../http/route/compile.ts";
import type { RouteTableConfig } from "../../http/route/model.ts";
import { RDS_STATS } from "../../observe/stats/tables/subscription.ts";
import type { ToWorker } from "../../worker/messages.ts";
import type { LiveParts } from "./live-parts.ts";
import { compileResource } from "./resource-compiler.ts";
import { SharedResource } from "./shared-resource.ts";
import { sourceKey } from "./source-key.ts";
import { countSubscription } from "./subscription-counters.ts";

const TYPE_URL = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";
const STATS = RDS_STATS.at;

/**
 * The route configurations that come by RDS. Each is received once and compiled once, whoever uses it; workers have it
 * by a number, so that new routes leave listeners and connections alone.
 */
export class RouteConfigs implements RouteConfigSource {
  readonly #entries = new Map<string, Entry>();
  #parts: LiveParts | null = null;
  #count = 0;

  /** From now on what is needed is asked for. */
  start(parts: LiveParts): void {
    this.#parts = parts;
  }

  of(name: string, source: ConfigSource, statPrefix: string): Entry {
    const key = `${sourceKey(source)} ${name}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      const end = (): void => void this.#entries.delete(key);
      entry = new Entry(
        ++this.#count,
        { routeName: name, source, statPrefix },
        () => this.#parts,
        end,
      );
      this.#entries.set(key, entry);
    }
    return entry.hold();
  }

  /** The routes that workers have under this number; null while none came. */
  tableOf(id: number): RouteTableConfig | null {
    for (const entry of this.#entries.values()) if (entry.id === id) return entry.table;
    return null;
  }

  /** What a successor of a dead worker must hear, before the listeners. */
  messages(): ToWorker[] {
    return [...this.#entries.values()].flatMap((entry) => entry.messages());
  }
}

interface EntryOptions {
  readonly routeName: string;
  readonly source: ConfigSource;
  /** Of the connection manager that asked first. */
  readonly statPrefix: string;
}

class Entry extends SharedResource {
  readonly id: number;
  readonly name: string;
  readonly #options: EntryOptions;
  readonly #partsOf: () => LiveParts | null;
  readonly #end: () => void;
  table: RouteTableConfig | null = null;

  constructor(id: number, options: EntryOptions, partsOf: () => LiveParts | null, end: () => void) {
    super();
    this.id = id;
    this.name = `route configuration '${options.routeName}'`;
    this.#options = options;
    this.#partsOf = partsOf;
    this.#end = end;
  }

  messages(): ToWorker[] {
    return this.table === null ? [] : [{ kind: "route_config", id: this.id, table: this.table }];
  }

  protected ended(): void {
    this.#end();
    this.#partsOf()?.post({ kind: "route_config", id: this.id, table: null });
  }

  protected subscribe(): Watch {
    const parts = this.#partsOf()!;
    const { routeName, source, statPrefix } = this.#options;
    const scope = parts.registry.scope(
      `${statPrefix}rds.${routeName.replaceAll(":", "_")}.`,
      RDS_STATS,
    );
    return parts.subscriptions.watch({
      typeUrl: TYPE_URL,
      source,
      names: [routeName],
      stats: countSubscription(scope, RDS_STATS, parts.stats, parts.wallMs),
      callbacks: {
        // Routes that are taken away stay, as in Envoy: the listener that wants them is still there.
        onConfigUpdate: ({ added }) =>
          added.flatMap((resource) => {
            const rejection = this.#take(resource, parts);
            if (rejection !== null) return [rejection];
            parts.stats.slots[scope.base + STATS.config_reload]! += 1;
            parts.stats.slots[scope.base + STATS.config_reload_time_ms] = parts.wallMs();
            return [];
          }),
        onFetchTimeout: () => this.answer(),
      },
    });
  }

  #take(resource: ReceivedResource, parts: LiveParts): Rejection | null {
    const compiled = compileResource<RouteConfiguration, RouteTableConfig>(
      resource,
      parts.context,
      parts.allowUnimplemented,
      compileRoutes,
    );
    if ("error" in compiled) return { name: resource.name, message: compiled.error };
    this.table = compiled.plain;
    parts.post({ kind: "route_config", id: this.id, table: compiled.plain });
    this.answer();
    return null;
  }
}

/** `validate_clusters` is off unless asked for: clusters may come later. */
function compileRoutes(message: RouteConfiguration, ctx: CompileContext): RouteTableConfig {
  const clusterNames = message.validateClusters === true ? ctx.clusterNames : null;
  return compileRouteConfiguration(message, { ...ctx, clusterNames }, httpFilterMainSides);
}
