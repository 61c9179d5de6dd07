import type { WorkerStats } from "../../observe/stats/definition.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import { GrpcMethodStats } from "./method-stats.ts";
import { grpcMethodOf, type GrpcMethod, withoutQuery } from "./method.ts";

/** Which methods have stats of their own; of the others, there are those of the cluster's gRPC as a whole. */
export type NamedMethods =
  | { readonly kind: "all"; readonly replaceDots: boolean }
  /** By path (`/service/method`), the names that stand in the stats (`service.method`). */
  | { readonly kind: "listed"; readonly names: ReadonlyMap<string, string> };

/** So many names that requests choose may one filter count under, in a worker. */
const GRPC_STAT_NAMES_MAX = 10_000;
/** Of a name that a request chooses; one that is longer counts as one too many. */
const GRPC_STAT_NAME_MAX_BYTES = 512;

/**
 * `cluster.<name>.<protocol>.[<service>.<method>.]*` of one filter on a worker. Names come with requests, so there is a
 * limit for their number and length: methods beyond it are counted like methods that have no stats of their own, statuses
 * not by name.
 */
export class GrpcClusterStats {
  readonly #stats: WorkerStats;
  readonly #protocol: "grpc" | "grpc-web";
  readonly #named: NamedMethods;
  readonly #namesMax: number;
  #names = 0;
  /** The methods by path. They go with the cluster, whose slots are somebody else's then. */
  readonly #clusters = new WeakMap<Cluster, Map<string, GrpcMethodStats>>();
  readonly #otherCodes = new Set<string>();

  constructor(
    stats: WorkerStats,
    protocol: "grpc" | "grpc-web",
    named: NamedMethods,
    namesMax: number = GRPC_STAT_NAMES_MAX,
  ) {
    this.#stats = stats;
    this.#protocol = protocol;
    this.#named = named;
    this.#namesMax = namesMax;
  }

  /** The stats of a request to that path; null when it names no method. */
  of(cluster: Cluster, pathWithQuery: string): GrpcMethodStats | null {
    const { prefix } = cluster.config.scope;
    let methods = this.#clusters.get(cluster);
    if (methods === undefined) this.#clusters.set(cluster, (methods = new Map()));
    const path = withoutQuery(pathWithQuery);
    const known = methods.get(path);
    if (known !== undefined) return known;
    const parts = grpcMethodOf(path);
    if (parts === null) return null;
    // Slashes may be doubled at will: there is one entry for all spellings.
    const key = `/${parts.service}/${parts.method}`;
    const same = path === key ? undefined : methods.get(key);
    if (same !== undefined) return same;
    const name = this.#nameOf(key, parts);
    if (name === "")
      return methods.get("") ?? this.#add(methods, "", `${prefix}${this.#protocol}.`);
    // A copy: the path is part of the request's head, and must not outlive it.
    const copy = Buffer.from(key, "latin1").toString("latin1");
    return this.#add(methods, copy, `${prefix}${this.#protocol}.${name}.`);
  }

  /** What stands in the names; empty for a method without stats of its own. */
  #nameOf(path: string, { service, method }: GrpcMethod): string {
    if (this.#named.kind === "listed") return this.#named.names.get(path) ?? "";
    if (!this.#mayAdd(path)) return "";
    this.#names++;
    return `${this.#named.replaceDots ? service.replaceAll(".", "_") : service}.${method}`;
  }

  #mayAdd(name: string): boolean {
    return this.#names < this.#namesMax && name.length <= GRPC_STAT_NAME_MAX_BYTES;
  }

  #add(methods: Map<string, GrpcMethodStats>, path: string, prefix: string): GrpcMethodStats {
    const stats = new GrpcMethodStats(this.#stats, prefix, this.#otherCode);
    methods.set(path, stats);
    return stats;
  }

  readonly #otherCode = (name: string): number | null => {
    if (!this.#otherCodes.has(name)) {
      if (!this.#mayAdd(name)) return null;
      this.#names++;
      this.#otherCodes.add(name);
    }
    return this.#stats.dynamicCounter(name);
  };
}
