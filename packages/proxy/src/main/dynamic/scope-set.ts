import type { ScopedRouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/scoped_route_pb";
import type { ScopedRouteOptions } from "../../config/context.ts";
import type {
  ConfigUpdate,
  ReceivedResource,
  Rejection,
  Watch,
} from "../../config/subscriptions.ts";
import type { DeliveredScope, ScopesChange } from "../../http/route/scoped/model.ts";
import type { ScopeSlots } from "../../observe/stats/definition.ts";
import { SCOPED_RDS_STATS } from "../../observe/stats/tables/subscription.ts";
import type { ToWorker } from "../../worker/messages.ts";
import { releaseAll } from "./init-targets.ts";
import type { LiveParts } from "./live-parts.ts";
import { compileResource } from "./resource-compiler.ts";
import type { RouteConfigs } from "./route-configs.ts";
import { compileScope, type CompiledScope } from "./scope-compiler.ts";
import { keyConflict } from "./scope-conflicts.ts";
import { ScopeVersion } from "./scope-version.ts";
import { SharedResource } from "./shared-resource.ts";
import { countSubscription } from "./subscription-counters.ts";
import { Waiting, type OnFound } from "./waiting.ts";

const TYPE_URL = "type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration";
const STATS = SCOPED_RDS_STATS.at;

/** What /config_dump tells of the scopes of one `scoped_routes`. */
export interface DeliveredScopes {
  readonly name: string;
  readonly versionInfo: string;
  readonly messages: readonly ScopedRouteConfiguration[];
  /** Milliseconds since the epoch. */
  readonly updatedMs: number;
}

/** Who has them. */
export interface ScopeSetOwner {
  readonly routeConfigs: RouteConfigs;
  parts(): LiveParts | null;
  end(): void;
}

interface PendingChange {
  readonly removed: string[];
  readonly set: DeliveredScope[];
  /** Versions that nobody uses any more. */
  readonly over: ScopeVersion[];
}

/** The scopes of one `scoped_routes` that come by SRDS. */
export class ScopeSet extends SharedResource {
  readonly id: number;
  readonly name: string;
  readonly #options: ScopedRouteOptions;
  readonly #owner: ScopeSetOwner;
  /** By the names of scopes, in the order in which they came. */
  readonly #newest = new Map<string, ScopeVersion>();
  /** What workers go by. A scope that changes stays what it was until the routes of its new version have come. */
  readonly #serving = new Map<string, ScopeVersion>();
  /** Of the first update: those whose routes have not come yet. Null before it. */
  #first: Set<ScopeVersion> | null = null;
  #watch: Watch | null = null;
  #stats: ScopeSlots | null = null;
  #versionInfo = "";
  #updatedMs = 0;
  /** Requests that wait for the routes of a scope, by its name. */
  readonly #demands = new Waiting();
  /** An update is being taken: what it changes goes to the workers in one message, at its end. */
  #change: PendingChange | null = null;

  constructor(id: number, options: ScopedRouteOptions, owner: ScopeSetOwner) {
    super();
    this.id = id;
    this.name = `scoped routes '${options.name}'`;
    this.#options = options;
    this.#owner = owner;
  }

  scopes(): DeliveredScope[] {
    return [...this.#serving.values()].map(({ delivered }) => delivered);
  }

  message(): ToWorker {
    return this.#message({ removed: [], set: this.scopes() });
  }

  /** Null before anything came. */
  dump(): DeliveredScopes | null {
    if (this.#first === null) return null;
    const messages = [...this.#newest.values()].map(({ scope }) => scope.message);
    const { name } = this.#options;
    return { name, versionInfo: this.#versionInfo, messages, updatedMs: this.#updatedMs };
  }

  demand(name: string, onFound: OnFound): void {
    const version = this.#newest.get(name);
    const routes = version?.routes ?? null;
    if (version === undefined || routes === null) {
      onFound(false);
      return;
    }
    if (!this.#demands.add(name, onFound)) return;
    version.isActive = true;
    this.#count();
    routes.whenReady(() => this.#met(version));
  }

  protected subscribe(): Watch {
    const parts = this.#owner.parts()!;
    const { name, source, statPrefix } = this.#options;
    this.#stats = parts.registry.scope(
      `${statPrefix}scoped_rds.${name.replaceAll(":", "_")}.`,
      SCOPED_RDS_STATS,
    );
    this.#watch = parts.subscriptions.watch({
      typeUrl: TYPE_URL,
      source,
      names: ["*"],
      stats: countSubscription(this.#stats, SCOPED_RDS_STATS, parts),
      callbacks: {
        onConfigUpdate: (update) => this.#take(update, parts),
        onFetchTimeout: () => this.answer(),
      },
    });
    return this.#watch;
  }

  protected ended(): void {
    this.#owner.end();
    this.#owner.parts()?.post({ kind: "scoped_routes", id: this.id, change: null });
    for (const version of new Set([...this.#newest.values(), ...this.#serving.values()]))
      version.release();
    this.#newest.clear();
    this.#serving.clear();
    this.#demands.settleAll(false);
    this.#count();
  }

  #take(update: ConfigUpdate, parts: LiveParts): Rejection[] {
    const rejections: Rejection[] = [];
    const scopes: CompiledScope[] = [];
    for (const resource of update.added) {
      const compiled = this.#compile(resource, parts);
      if ("error" in compiled) rejections.push({ name: resource.name, message: compiled.error });
      else scopes.push(compiled.plain);
    }
    const removed = new Set(update.removed);
    const before = Array.from(this.#newest.values(), ({ scope }) => scope);
    const conflict = keyConflict(
      before.filter(({ name }) => !removed.has(name)),
      scopes,
    );
    if (conflict !== null) {
      for (const { targets } of scopes) releaseAll(targets);
      // Who waits goes on with what there is.
      this.answer();
      return [{ name: null, message: conflict }];
    }
    this.#change = { removed: [], set: [], over: [] };
    for (const name of removed) this.#remove(name);
    const versions = scopes.map((scope) => this.#begin(scope));
    this.#flush(parts);
    this.#updated(update.version, rejections.length > 0, parts);
    this.#first ??= new Set(versions.filter(({ isWaiting }) => isWaiting));
    this.#answerWhenComplete();
    return rejections;
  }

  #compile(
    resource: ReceivedResource,
    parts: LiveParts,
  ): { readonly plain: CompiledScope } | { readonly error: string } {
    const { rdsSource } = this.#options;
    return compileResource<ScopedRouteConfiguration, CompiledScope>(
      resource,
      { ...parts.context, targets: [] },
      parts.allowUnimplemented,
      (message, ctx) => compileScope(message, rdsSource !== undefined, ctx),
    );
  }

  /** The newest version of a scope. It takes the place of another one when its routes have come. */
  #begin(scope: CompiledScope): ScopeVersion {
    const { name } = scope;
    const { rdsSource, statPrefix } = this.#options;
    const { routeConfigs } = this.#owner;
    const routes =
      typeof scope.routes === "string"
        ? routeConfigs.of(scope.routes, rdsSource!, statPrefix)
        : null;
    const before = this.#newest.get(name);
    const version = new ScopeVersion(scope, routes, before);
    if (this.#demands.has(name)) version.isActive = true;
    this.#newest.delete(name);
    this.#newest.set(name, version);
    const serving = this.#serving.get(name);
    if (before !== undefined && before !== serving) this.#end(before);
    // Where nothing serves there is nothing to keep, and requests can see what they wait for.
    if (serving === undefined) this.#place(version);
    if (!version.isActive || routes === null) this.#arrived(version);
    else {
      routes.whenReady(() => this.#arrived(version));
      if (version.isWaiting) this.#watch?.setWaitsFor(name, routes.name);
    }
    return version;
  }

  /** Its routes have come, or did not in their time, or are not to be waited for. */
  #arrived(version: ScopeVersion): void {
    const { name } = version.scope;
    if (this.#newest.get(name) !== version) return;
    version.isWaiting = false;
    this.#watch?.setWaitsFor(name, null);
    if (this.#serving.get(name) !== version) this.#place(version);
    this.#met(version);
    this.#first?.delete(version);
    this.#answerWhenComplete();
  }

  /** From now on workers go by it. */
  #place(version: ScopeVersion): void {
    const { name } = version.scope;
    const before = this.#serving.get(name);
    this.#serving.set(name, version);
    if (this.#change !== null) {
      this.#change.set.push(version.delivered);
      if (before !== undefined) this.#change.over.push(before);
      return;
    }
    this.#owner.parts()!.post(this.#message({ removed: [], set: [version.delivered] }));
    if (before !== undefined) this.#end(before);
  }

  /** Requests that wait for the routes of a scope go on, if these are the ones; not before workers have heard of them. */
  #met(version: ScopeVersion): void {
    const { name } = version.scope;
    if (this.#change !== null || this.#newest.get(name) !== version) return;
    if (version.isActive && !version.isWaiting) this.#demands.settle(name, version.hasRoutes);
  }

  #remove(name: string): void {
    const newest = this.#newest.get(name);
    const serving = this.#serving.get(name);
    this.#newest.delete(name);
    this.#serving.delete(name);
    this.#change!.removed.push(name);
    for (const version of new Set([newest, serving]))
      if (version !== undefined) this.#change!.over.push(version);
  }

  /** Workers hear of what is new before they hear that nobody uses the routes of what was. */
  #flush(parts: LiveParts): void {
    const { removed, set, over } = this.#change!;
    this.#change = null;
    if (removed.length + set.length > 0) parts.post(this.#message({ removed, set }));
    for (const version of over) this.#end(version);
    for (const name of removed) this.#demands.settle(name, false);
    for (const { name } of set) this.#met(this.#newest.get(name)!);
  }

  #end(version: ScopeVersion): void {
    version.release();
    this.#first?.delete(version);
  }

  #answerWhenComplete(): void {
    if (this.#first?.size === 0) this.answer();
  }

  #updated(version: string, isRejected: boolean, { stats, wallMs }: LiveParts): void {
    this.#count();
    this.#updatedMs = wallMs();
    if (isRejected) return;
    this.#versionInfo = version;
    const { base } = this.#stats!;
    stats.slots[base + STATS.config_reload]! += 1;
    stats.slots[base + STATS.config_reload_time_ms] = this.#updatedMs;
  }

  #count(): void {
    const parts = this.#owner.parts();
    if (parts === null || this.#stats === null) return;
    const { slots } = parts.stats;
    const { base } = this.#stats;
    const versions = [...this.#newest.values()];
    slots[base + STATS.all_scopes] = versions.length;
    slots[base + STATS.on_demand_scopes] = versions.filter(({ scope }) => scope.onDemand).length;
    slots[base + STATS.active_scopes] = versions.filter(
      ({ isActive, routes }) => isActive && routes !== null,
    ).length;
  }

  #message(change: ScopesChange): ToWorker {
    return { kind: "scoped_routes", id: this.id, change };
  }
}
