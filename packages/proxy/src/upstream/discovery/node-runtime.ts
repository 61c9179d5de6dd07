import { readFileSync } from "node:fs";
import type { StatsRegistry, WorkerStats } from "../../observe/stats/definition.ts";
import { DNS_CARES_STATS } from "../../observe/stats/tables/dns.ts";
import type { DnsResolverConfig } from "../definition.ts";
import type { DnsObserver } from "./cares-resolver.ts";
import { CaresResolver } from "./cares-resolver.ts";
import type { DiscoveryRuntime } from "./discovery.ts";
import type { DnsResolver } from "./dns-resolver.ts";
import { GetaddrinfoResolver } from "./getaddrinfo-resolver.ts";
import { HostsFile } from "./hosts-file.ts";
import type { SearchConfig } from "./search-domains.ts";
import { parseSearchConfig } from "./search-domains.ts";

/** Real time, chance and DNS. Clusters with the same resolver settings share one resolver. */
export class NodeDiscoveryRuntime implements DiscoveryRuntime {
  readonly #resolvers = new Map<string, DnsResolver>();
  readonly #hosts = new HostsFile("/etc/hosts", () => this.wallMs());
  readonly #search: SearchConfig = readSearchConfig("/etc/resolv.conf");
  readonly #registry: StatsRegistry;
  readonly #stats: WorkerStats;

  /** `stats` is main's own store. */
  constructor(registry: StatsRegistry, stats: WorkerStats) {
    this.#registry = registry;
    this.#stats = stats;
  }

  random(): number {
    return Math.random();
  }

  wallMs(): number {
    return Date.now();
  }

  after(delayMs: number, callback: () => void): () => void {
    // Longer delays than a timer can hold would fire at once.
    const timer = setTimeout(callback, Math.min(delayMs, 2 ** 31 - 1)).unref();
    return () => clearTimeout(timer);
  }

  resolver(config: DnsResolverConfig): DnsResolver {
    const key = JSON.stringify(config);
    let resolver = this.#resolvers.get(key);
    if (resolver === undefined) {
      resolver =
        config.kind === "cares"
          ? new CaresResolver(config, this.#hosts, this.#search, this.#observer())
          : new GetaddrinfoResolver();
      this.#resolvers.set(key, resolver);
    }
    return resolver;
  }

  /** The stats come with the first resolver of this kind, as in Envoy. */
  #observer(): DnsObserver {
    const { slots } = this.#stats;
    const { base } = this.#registry.scope("dns.cares.", DNS_CARES_STATS);
    return {
      onPending(change) {
        slots[base + DNS_CARES_STATS.at.pending_resolutions]! += change;
      },
      count(name) {
        slots[base + DNS_CARES_STATS.at[name]]! += 1;
      },
    };
  }
}

/** Read once, as the resolver behind it reads its servers once. */
function readSearchConfig(path: string): SearchConfig {
  try {
    return parseSearchConfig(readFileSync(path, "utf8"));
  } catch {
    return parseSearchConfig("");
  }
}
