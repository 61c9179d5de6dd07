import { fromBinary } from "@bufbuild/protobuf";
import { envoyTypes } from "@nuncio/api";
import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { VirtualHost } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { RouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/route_pb";
import type { InitTarget } from "../../config/context.ts";
import type { ReceivedResource, Rejection, Watch } from "../../config/subscriptions.ts";
import type { RouteTableConfig } from "../../http/route/model.ts";
import { checkVhds } from "../../http/route/vhds.ts";
import type { ScopeSlots } from "../../observe/stats/definition.ts";
import { RDS_STATS } from "../../observe/stats/tables/subscription.ts";
import type { ToWorker } from "../../worker/messages.ts";
import { releaseAll } from "./init-targets.ts";
import type { LiveParts } from "./live-parts.ts";
import { compileResource } from "./resource-compiler.ts";
import { compileRoutes } from "./route-compiler.ts";
import { SharedResource } from "./shared-resource.ts";
import { sourceKey } from "./source-key.ts";
import { countSubscription } from "./subscription-counters.ts";
import { VirtualHosts, type HostedRoutes } from "./virtual-hosts.ts";
import type { OnFound } from "./waiting.ts";

const TYPE_URL = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";
const VIRTUAL_HOST = "envoy.config.route.v3.VirtualHost";
const STATS = RDS_STATS.at;

/** Which route configuration it is. */
export interface RouteConfigOptions {
  readonly routeName: string;
  /** Where it comes from, or itself. */
  readonly from: ConfigSource | HostedRoutes;
  /** Of the connection manager that asked first. */
  readonly statPrefix: string;
}

/** Who has it. */
export interface RouteConfigOwner {
  parts(): LiveParts | null;
  end(): void;
}

/** One route configuration that comes by RDS, or whose virtual hosts do by VHDS. */
export class RouteConfig extends SharedResource {
  readonly id: number;
  readonly name: string;
  readonly #options: RouteConfigOptions;
  readonly #owner: RouteConfigOwner;
  #routes: HostedRoutes | null = null;
  #virtualHosts: VirtualHosts | null = null;
  #virtualHostsKey = "";
  /** What its routes need from elsewhere. */
  #targets: readonly InitTarget[] = [];
  #scope: ScopeSlots | null = null;
  #table: RouteTableConfig | null = null;

  constructor(id: number, options: RouteConfigOptions, owner: RouteConfigOwner) {
    super();
    this.id = id;
    this.name = `route configuration '${options.routeName}'`;
    this.#options = options;
    this.#owner = owner;
  }

  /** What workers have; null while none came. Put together for whoever asks: virtual hosts change one by one. */
  get table(): RouteTableConfig | null {
    if (this.#routes === null) return null;
    this.#table ??= this.#withVirtualHosts(this.#routes.table);
    return this.#table;
  }

  messages(): ToWorker[] {
    const { id, table } = this;
    return table === null ? [] : [{ kind: "route_config", id, table }];
  }

  /** With the virtual hosts that came by themselves; null where none can. */
  hostedMessage(): RouteConfiguration | null {
    if (this.#virtualHosts === null) return null;
    const { message } = this.#routes!;
    const desc = envoyTypes().getMessage(VIRTUAL_HOST)!;
    const more = this.#virtualHosts.resources.map(
      ({ value }) => fromBinary(desc, value) as VirtualHost,
    );
    return { ...message, virtualHosts: [...message.virtualHosts, ...more] };
  }

  /** See `VirtualHosts.demand`. */
  demandHost(host: string, onFound: OnFound): void {
    if (this.#virtualHosts === null) onFound(false);
    else this.#virtualHosts.demand(host, onFound);
  }

  protected ended(): void {
    this.#virtualHosts?.close();
    releaseAll(this.#targets);
    this.#owner.end();
    this.#owner.parts()?.post({ kind: "route_config", id: this.id, table: null });
  }

  protected subscribe(): Pick<Watch, "cancel"> {
    const parts = this.#owner.parts()!;
    const { from } = this.#options;
    if ("table" in from) {
      this.#hostAt(from, "", parts);
      this.#publish(from, parts);
      return { cancel() {} };
    }
    return this.#follow(from, parts);
  }

  #follow(source: ConfigSource, parts: LiveParts): Watch {
    const { routeName, statPrefix } = this.#options;
    const prefix = `${statPrefix}rds.${routeName.replaceAll(":", "_")}.`;
    const scope = (this.#scope = parts.registry.scope(prefix, RDS_STATS));
    return parts.subscriptions.watch({
      typeUrl: TYPE_URL,
      source,
      names: [routeName],
      stats: countSubscription(scope, RDS_STATS, parts),
      callbacks: {
        // Routes that are taken away stay, as in Envoy: the listener that wants them is still there.
        onConfigUpdate: ({ added }) =>
          added.flatMap((resource) => {
            const rejection = this.#take(resource, parts);
            if (rejection === null) return [];
            // An answer it is: who waits serves without routes, or by those before.
            this.answer();
            return [rejection];
          }),
        onFetchTimeout: () => this.answer(),
      },
    });
  }

  #take({ name, ...resource }: ReceivedResource, parts: LiveParts): Rejection | null {
    const targets: InitTarget[] = [];
    const compiled = compileResource<RouteConfiguration, RouteTableConfig>(
      { name, ...resource },
      { ...parts.context, targets },
      parts.allowUnimplemented,
      (message, ctx) => {
        checkVhds(message, ctx);
        return compileRoutes(message, ctx);
      },
    );
    if ("error" in compiled) return { name, message: compiled.error };
    const routes = { message: compiled.message, table: compiled.plain };
    const conflict = this.#hostAt(routes, `${this.#options.statPrefix}rds.`, parts);
    if (conflict !== null) {
      releaseAll(targets);
      return { name, message: conflict };
    }
    this.#publish(routes, parts);
    releaseAll(this.#targets);
    this.#targets = targets;
    if (this.#virtualHosts === null) this.answer();
    return null;
  }

  /** Virtual hosts stay when they still come from the same place. What stands against the routes; null for nothing. */
  #hostAt(routes: HostedRoutes, statPrefix: string, parts: LiveParts): string | null {
    const source = routes.message.vhds?.configSource;
    const key = source === undefined ? "" : sourceKey(source);
    if (this.#virtualHosts !== null && key === this.#virtualHostsKey)
      return this.#virtualHosts.rebase(routes);
    this.#virtualHosts?.close();
    this.#virtualHosts = null;
    this.#virtualHostsKey = key;
    if (source === undefined) return null;
    this.#virtualHosts = new VirtualHosts(routes, {
      source,
      statPrefix,
      parts,
      onChange: (change) => {
        this.#table = null;
        parts.post({ kind: "virtual_hosts", id: this.id, change });
        this.#countReload(parts);
      },
      onAnswer: () => this.answer(),
    });
    return null;
  }

  #withVirtualHosts(table: RouteTableConfig): RouteTableConfig {
    if (this.#virtualHosts === null) return table;
    const virtualHosts = [...table.virtualHosts, ...this.#virtualHosts.configs];
    return { ...table, virtualHosts, onDemandHosts: this.id };
  }

  #publish(routes: HostedRoutes, parts: LiveParts): void {
    this.#routes = routes;
    this.#table = null;
    parts.post({ kind: "route_config", id: this.id, table: this.table });
    this.#countReload(parts);
  }

  #countReload(parts: LiveParts): void {
    // Routes that are part of a connection manager have no statistics of their own.
    if (this.#scope === null) return;
    const { base } = this.#scope;
    parts.stats.slots[base + STATS.config_reload]! += 1;
    parts.stats.slots[base + STATS.config_reload_time_ms] = parts.wallMs();
  }
}
