import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type {
  ConfigUpdate,
  ReceivedResource,
  Rejection,
  SubscriptionCallbacks,
  Subscriptions,
  Watch,
} from "../../config/subscriptions.ts";
import type { ScopeSlots, WorkerStats } from "../../observe/stats/definition.ts";
import type { EdsConfig, EndpointConfig, LoadAssignment } from "../definition.ts";
import type { Discovery, DiscoveryListener, DiscoveryRuntime, ResolvedHost } from "./discovery.ts";
import { EdsStats } from "./eds-stats.ts";
import { LedsCollections } from "./leds.ts";
import { resolvedHost } from "./static-discovery.ts";

/** A `ClusterLoadAssignment`, compiled; or why it is refused. */
export type CompiledAssignment = { readonly plain: LoadAssignment } | { readonly error: string };

/** An endpoint that came by LEDS, compiled; or why it is refused. */
export type CompiledEndpoint = { readonly plain: EndpointConfig } | { readonly error: string };

/** What EDS needs of the main thread. */
export interface EdsSupport {
  readonly subscriptions: Subscriptions;
  /** Main's own. */
  readonly stats: WorkerStats;
  /** Where the cluster itself came from: what `self` stands for; undefined for those of the bootstrap. */
  readonly parentSource: ConfigSource | undefined;
  /** `cluster.<name>.version_text`. */
  setVersionText(text: string): void;
  /** `serviceName` is what the resource has to be for. */
  compile(resource: ReceivedResource, serviceName: string): CompiledAssignment;
  compileEndpoint(resource: ReceivedResource): CompiledEndpoint;
  /** Where `cluster.<name>.leds.*` is; it is there from the first call on. */
  readonly ledsScope: () => ScopeSlots;
}

const TYPE_URL = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
const NO_ASSIGNMENT: LoadAssignment = {
  overprovisioningFactor: 140,
  weightedPriorityHealth: false,
  dropOverloadRatio: 0,
  staleAfterMs: 0,
  localities: [],
};

/**
 * EDS: hosts as a control plane tells them. Whatever the first answer is, or none in time, the cluster may be used behind it.
 * A resource that is gone changes nothing; only one that has become stale takes the hosts away.
 */
export class EdsDiscovery implements Discovery, SubscriptionCallbacks {
  readonly #config: EdsConfig;
  readonly #listener: DiscoveryListener;
  readonly #runtime: DiscoveryRuntime;
  readonly #support: EdsSupport;
  readonly #leds: LedsCollections;
  /** What came last, and whether it is in use: endpoints by LEDS come behind it. */
  #assignment: LoadAssignment = NO_ASSIGNMENT;
  #watch: Watch | null = null;
  #cancelStale: () => void = () => {};
  #initialized = false;

  constructor(
    config: EdsConfig,
    listener: DiscoveryListener,
    runtime: DiscoveryRuntime,
    support: EdsSupport,
  ) {
    this.#config = config;
    this.#listener = listener;
    this.#runtime = runtime;
    this.#support = support;
    this.#leds = new LedsCollections(support, runtime, () => this.#apply());
  }

  get waitsFor(): string {
    return this.#leds.waitsFor ?? `the ClusterLoadAssignment ${this.#config.serviceName}`;
  }

  start(): void {
    const { source, serviceName } = this.#config;
    const { subscriptions, parentSource } = this.#support;
    this.#watch = subscriptions.watch({
      typeUrl: TYPE_URL,
      source,
      names: [serviceName],
      callbacks: this,
      stats: new EdsStats(this.#config, this.#support, this.#runtime),
      ...(parentSource !== undefined && { parentSource }),
    });
  }

  stop(): void {
    this.#watch?.cancel();
    this.#leds.stop();
    this.#cancelStale();
  }

  onConfigUpdate({ added }: ConfigUpdate): readonly Rejection[] {
    const [resource] = added;
    let rejections: readonly Rejection[] = [];
    if (resource === undefined) this.#listener.onUpdate("update_empty");
    else rejections = this.#take(resource);
    this.#initialize();
    return rejections;
  }

  onFetchTimeout(): void {
    this.#initialize();
  }

  #take(resource: ReceivedResource): readonly Rejection[] {
    const compiled = this.#support.compile(resource, this.#config.serviceName);
    if ("error" in compiled) return [{ name: resource.name, message: compiled.error }];
    const { staleAfterMs } = compiled.plain;
    this.#cancelStale();
    if (staleAfterMs > 0) {
      this.#listener.onUpdate("assignment_timeout_received");
      this.#cancelStale = this.#runtime.after(staleAfterMs, () => this.#onStale());
    }
    this.#use(compiled.plain);
    return [];
  }

  #use(assignment: LoadAssignment): void {
    this.#assignment = assignment;
    this.#leds.follow(assignment.localities.flatMap(({ leds }) => leds ?? []));
    this.#apply();
  }

  /** Hosts are those before until each collection of the next ones has been answered. */
  #apply(): void {
    if (this.#leds.waitsFor !== null) return;
    const { localities } = this.#assignment;
    const complete = localities.map((locality) =>
      locality.leds === undefined
        ? locality
        : { ...locality, endpoints: this.#leds.endpointsOf(locality.leds) },
    );
    this.#listener.onAssignment(hostsOf(complete), this.#assignment);
    this.#initialize();
  }

  #onStale(): void {
    this.#listener.onUpdate("assignment_stale");
    this.#use(NO_ASSIGNMENT);
  }

  #initialize(): void {
    if (this.#initialized || this.#leds.waitsFor !== null) return;
    this.#initialized = true;
    this.#listener.onInitialized();
  }
}

/** By priority. An address that is told twice counts once, where it stands first. */
function hostsOf(localities: LoadAssignment["localities"]): ResolvedHost[][] {
  const byPriority: ResolvedHost[][] = [];
  const seen = new Set<string>();
  for (const locality of localities) {
    const hosts = (byPriority[locality.priority] ??= []);
    for (const endpoint of locality.endpoints) {
      if (!("address" in endpoint.target)) continue;
      const { address } = endpoint.target;
      if (seen.has(address.text)) continue;
      seen.add(address.text);
      hosts.push(resolvedHost(address.text, address, endpoint, locality));
    }
  }
  // Priorities may be left out.
  return Array.from(byPriority, (hosts) => hosts ?? []);
}
