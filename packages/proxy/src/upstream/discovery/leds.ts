import type {
  ConfigUpdate,
  ReceivedResource,
  Rejection,
  SubscriptionCallbacks,
  Watch,
} from "../../config/subscriptions.ts";
import { LEDS_STATS } from "../../observe/stats/tables/eds.ts";
import type { EndpointConfig, LedsConfig } from "../definition.ts";
import type { DiscoveryRuntime } from "./discovery.ts";
import type { EdsSupport } from "./eds.ts";
import { LedsStats } from "./leds-stats.ts";

const TYPE_URL = "type.googleapis.com/envoy.config.endpoint.v3.LbEndpoint";

/** What collections need beside what EDS does. */
type LedsRuntime = Pick<DiscoveryRuntime, "wallMs">;

/** The endpoints of localities that come one by one (LEDS). */
export class LedsCollections {
  readonly #support: EdsSupport;
  readonly #runtime: LedsRuntime;
  readonly #onChange: () => void;
  #byKey: ReadonlyMap<string, LedsCollection> = new Map();

  /** @param onChange called with each answer, never from within `follow` */
  constructor(support: EdsSupport, runtime: LedsRuntime, onChange: () => void) {
    this.#support = support;
    this.#runtime = runtime;
    this.#onChange = onChange;
  }

  /** What has not been answered; null when all has. */
  get waitsFor(): string | null {
    for (const { isAnswered, name } of this.#byKey.values()) if (!isAnswered) return name;
    return null;
  }

  /** From now on these collections and no others. Those that stay keep what they have. */
  follow(configs: readonly LedsConfig[]): void {
    const before = this.#byKey;
    const collections = new Map<string, LedsCollection>();
    const fresh: LedsCollection[] = [];
    for (const config of configs) {
      if (collections.has(config.key)) continue;
      let collection = before.get(config.key);
      if (collection === undefined) {
        collection = new LedsCollection(config, this.#support, this.#onChange);
        fresh.push(collection);
      }
      collections.set(config.key, collection);
    }
    this.#byKey = collections;
    for (const collection of fresh) collection.start(this.#runtime);
    for (const [key, collection] of before) if (!collections.has(key)) collection.stop();
  }

  endpointsOf({ key }: LedsConfig): readonly EndpointConfig[] {
    return this.#byKey.get(key)?.endpoints ?? [];
  }

  stop(): void {
    for (const collection of this.#byKey.values()) collection.stop();
    this.#byKey = new Map();
  }
}

class LedsCollection implements SubscriptionCallbacks {
  readonly name: string;
  isAnswered = false;
  readonly #config: LedsConfig;
  readonly #support: EdsSupport;
  readonly #onChange: () => void;
  readonly #endpoints = new Map<string, EndpointConfig>();
  #watch: Watch | null = null;

  constructor(config: LedsConfig, support: EdsSupport, onChange: () => void) {
    this.name = `the endpoints ${config.collection}`;
    this.#config = config;
    this.#support = support;
    this.#onChange = onChange;
  }

  get endpoints(): readonly EndpointConfig[] {
    return [...this.#endpoints.values()];
  }

  start(runtime: LedsRuntime): void {
    const { subscriptions, parentSource, stats, ledsScope } = this.#support;
    const { source, collection } = this.#config;
    this.#watch = subscriptions.watch({
      typeUrl: TYPE_URL,
      source,
      names: [collection],
      callbacks: this,
      stats: new LedsStats(ledsScope(), stats, runtime),
      ...(parentSource !== undefined && { parentSource }),
    });
  }

  stop(): void {
    this.#watch?.cancel();
  }

  onConfigUpdate({ added, removed }: ConfigUpdate): readonly Rejection[] {
    const { stats, ledsScope } = this.#support;
    if (added.length + removed.length === 0)
      stats.slots[ledsScope().base + LEDS_STATS.at.update_empty]! += 1;
    const rejections = added.flatMap((resource) => this.#take(resource));
    for (const name of removed) this.#endpoints.delete(name);
    this.#answer();
    return rejections;
  }

  onFetchTimeout(): void {
    this.#answer();
  }

  #take(resource: ReceivedResource): Rejection[] {
    const { name } = resource;
    const compiled = this.#support.compileEndpoint(resource);
    if ("error" in compiled) return [{ name, message: compiled.error }];
    this.#endpoints.set(name, compiled.plain);
    return [];
  }

  #answer(): void {
    this.isAnswered = true;
    this.#onChange();
  }
}
