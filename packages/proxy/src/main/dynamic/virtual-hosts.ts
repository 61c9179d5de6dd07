import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { RouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/route_pb";
import type {
  ConfigUpdate,
  ReceivedResource,
  Rejection,
  Watch,
} from "../../config/subscriptions.ts";
import { domainConflict } from "../../http/route/compile/domains.ts";
import type {
  RouteTableConfig,
  VirtualHostConfig,
  VirtualHostsChange,
} from "../../http/route/model.ts";
import type { ScopeSlots } from "../../observe/stats/definition.ts";
import { VHDS_STATS } from "../../observe/stats/tables/subscription.ts";
import { releaseAll } from "./init-targets.ts";
import type { LiveParts } from "./live-parts.ts";
import { countSubscription } from "./subscription-counters.ts";
import { compileHost, type CompiledHost } from "./virtual-host-compiler.ts";
import { Waiting, type OnFound } from "./waiting.ts";

const TYPE_URL = "type.googleapis.com/envoy.config.route.v3.VirtualHost";
const STATS = VHDS_STATS.at;
const NOTHING: ReadonlyMap<string, CompiledHost> = new Map();

/** The route configuration that virtual hosts come for. */
export interface HostedRoutes {
  readonly message: RouteConfiguration;
  /** As it came by RDS. */
  readonly table: RouteTableConfig;
}

/** Where virtual hosts come from, and who wants to know of them. */
export interface VirtualHostsOptions {
  readonly source: ConfigSource;
  /** What stands before `vhds.` in statistics. */
  readonly statPrefix: string;
  readonly parts: LiveParts;
  /** There are others now. */
  onChange(change: VirtualHostsChange): void;
  /** They came, or did not in their time. Called more than once. */
  onAnswer(): void;
}

/** The virtual hosts of one route configuration that come by VHDS. */
export class VirtualHosts {
  readonly #options: VirtualHostsOptions;
  readonly #stats: ScopeSlots;
  #routes: HostedRoutes;
  /** By the names of their resources. */
  #hosts = new Map<string, CompiledHost>();
  /** Whose each of their domains is: the name of a resource. */
  readonly #owners = new Map<string, string>();
  readonly #waiting = new Waiting();
  readonly #watch: Watch;

  constructor(routes: HostedRoutes, options: VirtualHostsOptions) {
    const { parts, source, statPrefix } = options;
    const { name } = routes.table;
    this.#routes = routes;
    this.#options = options;
    this.#stats = parts.registry.scope(
      `${statPrefix}vhds.${name.replaceAll(":", "_")}.`,
      VHDS_STATS,
    );
    this.#watch = parts.subscriptions.watch({
      typeUrl: TYPE_URL,
      source,
      names: [routes.message.name],
      matchNamespace: true,
      stats: countSubscription(this.#stats, VHDS_STATS, parts),
      callbacks: {
        onConfigUpdate: (update) => this.#take(update),
        onFetchTimeout: () => options.onAnswer(),
      },
    });
  }

  get configs(): VirtualHostConfig[] {
    return Array.from(this.#hosts.values(), ({ config }) => config);
  }

  /** What the virtual hosts are made of. */
  get resources(): ReceivedResource[] {
    return Array.from(this.#hosts.values(), ({ resource }) => resource);
  }

  /** The route configuration is another one. What stands against it together with what came; null for nothing. */
  rebase(routes: HostedRoutes): string | null {
    const next = new Map<string, CompiledHost>();
    const errors: string[] = [];
    for (const [name, { resource }] of this.#hosts) {
      const compiled = compileHost(resource, routes.message, this.#options.parts);
      if ("error" in compiled) errors.push(`${name}: ${compiled.error}`);
      else next.set(name, compiled);
    }
    const conflict = conflictOf(routes.table, next);
    if (conflict !== null) errors.push(conflict);
    if (errors.length > 0) {
      releaseUnlessIn(this.#hosts, next);
      return errors.join("\n");
    }
    this.#replace(next);
    this.#routes = routes;
    return null;
  }

  /** Asks for the virtual host of `host`, which is lower case; calls back when it is in use, or is known not to be. */
  demand(host: string, onFound: OnFound): void {
    const name = `${this.#routes.message.name}/${host}`;
    if (this.#hosts.has(name)) onFound(true);
    else if (this.#waiting.add(name, onFound)) this.#watch.addNames([name]);
  }

  close(): void {
    this.#watch.cancel();
    this.#waiting.settleAll(false);
    this.#replace(new Map());
  }

  /** Costs what the update has, however many virtual hosts there are. */
  #take({ added, removed }: ConfigUpdate): Rejection[] {
    const come = new Map<string, CompiledHost>();
    const rejections: Rejection[] = [];
    for (const resource of added) {
      const { name } = resource;
      const before = this.#hosts.get(name);
      const compiled = compileHost(resource, this.#routes.message, this.#options.parts, before);
      if ("error" in compiled) rejections.push({ name, message: compiled.error });
      else come.set(name, compiled);
    }
    const gone = removed.filter((name) => this.#hosts.has(name) && !come.has(name));
    const conflict = this.#conflictOf(come, gone);
    if (conflict !== null) releaseUnlessIn(NOTHING, come);
    // A host that was asked for and is not there changes nothing.
    else if (gone.length > 0 || added.length > 0) {
      const change = this.#change(come, gone);
      this.#count();
      this.#options.onChange(change);
    }
    // Who waits goes on with what there is.
    this.#options.onAnswer();
    for (const { name, aliases } of added)
      for (const one of [name, ...aliases]) this.#waiting.settle(one, this.#hosts.has(name));
    for (const name of removed) this.#waiting.settle(name, false);
    // The next demand asks again.
    if (removed.length > 0) this.#watch.removeNames(removed);
    return conflict === null ? rejections : [{ name: null, message: conflict }];
  }

  /** What stands against hosts that come while others go; null for nothing. */
  #conflictOf(come: ReadonlyMap<string, CompiledHost>, gone: readonly string[]): string | null {
    const leaving = new Set(gone);
    const table = this.#routes.table;
    const fixed = table.virtualHosts.flatMap(({ domains }) => domains);
    const others = Array.from(come.values(), ({ config }) => config.domains)
      .flat()
      .filter((domain) => {
        const owner = this.#owners.get(domain);
        return owner !== undefined && !leaving.has(owner) && !come.has(owner);
      });
    const staying = { domains: [...fixed, ...new Set(others)] };
    return domainConflict(table.name, [staying, ...Array.from(come.values(), (one) => one.config)]);
  }

  #change(come: ReadonlyMap<string, CompiledHost>, gone: readonly string[]): VirtualHostsChange {
    const removed: string[] = [];
    for (const name of [...gone, ...come.keys()]) {
      const before = this.#hosts.get(name);
      if (before === undefined) continue;
      this.#hosts.delete(name);
      removed.push(...before.config.domains);
      for (const domain of before.config.domains) this.#owners.delete(domain);
      releaseAll(before.targets);
    }
    for (const [name, host] of come) this.#put(name, host);
    return { removed, set: Array.from(come.values(), ({ posted }) => posted) };
  }

  #put(name: string, host: CompiledHost): void {
    this.#hosts.set(name, host);
    for (const domain of host.config.domains) this.#owners.set(domain, name);
  }

  #replace(next: ReadonlyMap<string, CompiledHost>): void {
    const before = this.#hosts;
    this.#hosts = new Map();
    this.#owners.clear();
    for (const [name, host] of next) this.#put(name, host);
    releaseUnlessIn(next, before);
  }

  #count(): void {
    const { stats, wallMs } = this.#options.parts;
    stats.slots[this.#stats.base + STATS.config_reload]! += 1;
    stats.slots[this.#stats.base + STATS.config_reload_time_ms] = wallMs();
  }
}

/** Gives back what hosts need that are not used, or not any more. */
function releaseUnlessIn(
  used: ReadonlyMap<string, CompiledHost>,
  hosts: ReadonlyMap<string, CompiledHost>,
): void {
  for (const [name, host] of hosts) if (used.get(name) !== host) releaseAll(host.targets);
}

function conflictOf(
  { name, virtualHosts }: RouteTableConfig,
  hosts: ReadonlyMap<string, CompiledHost>,
): string | null {
  return domainConflict(name, [
    ...virtualHosts,
    ...Array.from(hosts.values(), ({ config }) => config),
  ]);
}
