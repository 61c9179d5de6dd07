import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type {
  ApiConfigSource,
  ConfigSource,
} from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { Clock } from "../types/clock.ts";
import { systemClock } from "../types/clock.ts";
import { parseXdstpName } from "../types/resource-name.ts";
import { shortNameOfUrl } from "../types/resource-type.ts";
import type { Watch, WatchOptions } from "./callbacks.ts";
import type { XdsClientStatus, SourceStatus } from "./client-status.ts";
import { typeStatus } from "./client-status.ts";
import type { GrpcSource, RemoteSource, SourceSettings } from "./config-source.ts";
import { ConfigSourceError, readApiConfigSource, readConfigSource } from "./config-source.ts";
import type { ClientTransports, Connection } from "./connection.ts";
import { connect } from "./connection.ts";
import type { ControlPlaneStats } from "./stream-status.ts";

/** Settings of a client. */
export interface XdsClientOptions {
  /** Sent to every control plane. */
  readonly node: Node;
  readonly transports: ClientTransports;
  /** The bootstrap's `dynamic_resources.ads_config`: where `ads` leads. */
  readonly adsConfig?: ApiConfigSource;
  /** The bootstrap's `config_sources`: who answers for the authorities of `xdstp://` names. */
  readonly configSources?: readonly ConfigSource[];
  /** The bootstrap's `default_config_source`: for all other authorities. */
  readonly defaultConfigSource?: ConfigSource;
  /** Statistics of a stream or poll for one type, or, null, for all types; undefined: nobody counts. */
  readonly controlPlaneStats?: (typeUrl: string | null) => ControlPlaneStats | undefined;
  readonly clock?: Clock;
  /** 0 up to 1 */
  readonly random?: () => number;
}

/** What is asked of a client. */
export interface ClientWatchOptions extends WatchOptions {
  readonly typeUrl: string;
  /** Null for `xdstp://` names: their authority tells. */
  readonly source: ConfigSource | null;
  /** What `self` stands for: where the resource that has the source in it came from. */
  readonly parentSource?: ConfigSource;
}

interface Entry {
  readonly name: string;
  readonly connection: Connection;
  watches: number;
}

/**
 * Watches resources wherever they come from. Watches with the same source share a connection, and those of the same
 * resource share its requests; each resource is received once.
 */
export class XdsClient {
  readonly #options: XdsClientOptions;
  readonly #clock: Clock;
  readonly #connections = new Map<string, Entry>();

  constructor(options: XdsClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Starts a watch. Throws a ConfigSourceError when its source cannot be used. */
  watch(options: ClientWatchOptions): Watch {
    const settings = this.#resolve(options);
    const { typeUrl, initialFetchTimeoutMs = settings.initialFetchTimeoutMs } = options;
    const isAds = settings.source.kind === "ads";
    const source = settings.source.kind === "ads" ? this.#ads() : settings.source;
    const isForAll = source.kind === "grpc" && source.isAggregated;
    const key = isForAll ? settings.key : `${settings.key} ${typeUrl}`;
    let entry = this.#connections.get(key);
    if (entry === undefined) {
      entry = this.#connect(isAds ? "ads" : nameOf(source, typeUrl), source, typeUrl);
      this.#connections.set(key, entry);
    }
    const { connection } = entry;
    const watch = connection.subscription(typeUrl).watch({ ...options, initialFetchTimeoutMs });
    entry.watches += 1;
    let isActive = true;
    const cancel = (): void => {
      if (!isActive) return;
      isActive = false;
      watch.cancel();
      entry.watches -= 1;
      // Envoy keeps its ADS stream whatever is on it.
      if (entry.watches > 0 || isAds) return;
      this.#connections.delete(key);
      connection.close();
    };
    return { ...watch, cancel };
  }

  /**
   * Holds the requests of some types back, answers among them, until the returned function is called: a cluster manager
   * answers for clusters when they are warm, so that the routes to them come after.
   */
  pause(typeUrls: readonly string[]): () => void {
    const entries = [...this.#connections.values()];
    const resumes = entries.map(({ connection }) => connection.pause(typeUrls));
    return () => {
      for (const resume of resumes) resume();
    };
  }

  /** All that there is to know: for admin, CSDS and `ctl`. */
  status(): XdsClientStatus {
    const sources = Array.from(this.#connections.values(), sourceStatus);
    return { nowMs: this.#clock.nowMs(), sources };
  }

  /** Ends all watches and connections. */
  close(): void {
    for (const { connection } of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  /** The settings of a watch's source; `self` is replaced by what it stands for. */
  #resolve(options: ClientWatchOptions): SourceSettings & { source: RemoteSource } {
    const settings = readConfigSource(options.source ?? this.#sourceOfNames(options.names));
    if (settings.source.kind !== "self") return { ...settings, source: settings.source };
    if (options.parentSource === undefined)
      throw new ConfigSourceError("self: expected to be within a resource of a control plane");
    const { source, key } = readConfigSource(options.parentSource);
    if (source.kind === "self") throw new ConfigSourceError("self: stands for another self");
    return { ...settings, source, key };
  }

  #sourceOfNames(names: readonly string[]): ConfigSource {
    const authority = authorityOf(names);
    const { configSources = [], defaultConfigSource } = this.#options;
    const found = configSources.find(({ authorities }) =>
      authorities.some(({ name }) => name === authority),
    );
    const source = found ?? defaultConfigSource;
    if (source === undefined)
      throw new ConfigSourceError(`no config source for the authority "${authority}"`);
    return source;
  }

  #ads(): GrpcSource {
    const { adsConfig } = this.#options;
    if (adsConfig === undefined) throw new ConfigSourceError("ads: there is no ads_config");
    const source = readApiConfigSource(adsConfig);
    if (source.kind !== "grpc")
      throw new ConfigSourceError("ads_config: expected a form of GRPC, got REST");
    return { ...source, isAggregated: true };
  }

  #connect(name: string, source: Exclude<RemoteSource, { kind: "ads" }>, typeUrl: string): Entry {
    const { node, transports, random = Math.random, controlPlaneStats } = this.#options;
    const isForAll = source.kind === "grpc" && source.isAggregated;
    const stats =
      source.kind === "grpc" ? controlPlaneStats?.(isForAll ? null : typeUrl) : undefined;
    const options = { node, transports, random, clock: this.#clock, stats };
    return { name, connection: connect(source, typeUrl, options), watches: 0 };
  }
}

function sourceStatus({ name, connection }: Entry): SourceStatus {
  const stream = connection.status();
  const types = connection.subscriptions().map((one) => typeStatus(one, stream));
  return { name, stream, types };
}

function nameOf(source: Exclude<RemoteSource, { kind: "ads" }>, typeUrl: string): string {
  const type = shortNameOfUrl(typeUrl);
  switch (source.kind) {
    case "file":
      return `file ${type} from ${source.path}`;
    case "rest":
      return `rest ${type} from ${source.clusterName}`;
    case "grpc": {
      const { targetSpecifier: target } = source.service;
      const where =
        target.case === "envoyGrpc" ? target.value.clusterName : (target.value?.targetUri ?? "");
      return `grpc ${source.isAggregated ? "ads" : type} from ${where}`;
    }
  }
}

/** The authority of `xdstp://` names, which all have to be of one. */
function authorityOf(names: readonly string[]): string {
  const authorities = new Set<string>();
  for (const name of names) {
    const parsed = parseXdstpName(name);
    if (parsed === undefined)
      throw new ConfigSourceError(`"${name}": expected an xdstp:// name, or a config source`);
    authorities.add(parsed.authority);
  }
  const [authority, ...others] = authorities;
  if (authority === undefined || others.length > 0)
    throw new ConfigSourceError(`expected names of one authority, got ${authorities.size}`);
  return authority;
}
