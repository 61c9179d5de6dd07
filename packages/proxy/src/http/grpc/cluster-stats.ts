import type { WorkerStats } from "../../observe/stats/definition.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import { GrpcMethodStats } from "./method-stats.ts";
import { grpcMethodOf, withoutQuery } from "./method.ts";

/** Which methods have stats of their own; of the others, there are those of the cluster's gRPC as a whole. */
export type NamedMethods =
  | { readonly kind: "all"; readonly replaceDots: boolean }
  /** By path (`/service/method`), the names that stand in the stats (`service.method`). */
  | { readonly kind: "listed"; readonly names: ReadonlyMap<string, string> };

/** So many names that requests choose may one filter count under, in a worker. */
const GRPC_STAT_NAMES_MAX = 10_000;

/**
 * `cluster.<name>.<protocol>.[<service>.<method>.]*` of one filter on a worker. Names come with requests, so there is a
 * limit for them: methods beyond it are counted like methods that have no stats of their own, statuses not by name.
 */
export class GrpcClusterStats {
  readonly #stats: WorkerStats;
  readonly #protocol: "grpc" | "grpc-web";
  readonly #named: NamedMethods;
  readonly #namesMax: number;
  #names = 0;
  /** By the prefix of a cluster's stats, the methods by path. */
  readonly #clusters = new Map<string, Map<string, GrpcMethodStats>>();
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
    let methods = this.#clusters.get(prefix);
    if (methods === undefined) this.#clusters.set(prefix, (methods = new Map()));
    const path = withoutQuery(pathWithQuery);
    const known = methods.get(path);
    if (known !== undefined) return known;
    const name = this.#nameOf(path);
    if (name === null) return null;
    if (name !== "") {
      // A copy: the path is part of the request's head, and must not outlive it.
      const copy = Buffer.from(path, "latin1").toString("latin1");
      return this.#add(methods, copy, `${prefix}${this.#protocol}.${name}.`);
    }
    return methods.get("") ?? this.#add(methods, "", `${prefix}${this.#protocol}.`);
  }

  /** What stands in the names; empty for a method without stats of its own, null for a path that names none. */
  #nameOf(path: string): string | null {
    const parts = grpcMethodOf(path);
    if (parts === null) return null;
    const { service, method } = parts;
    if (this.#named.kind === "listed") return this.#named.names.get(`/${service}/${method}`) ?? "";
    if (this.#names >= this.#namesMax) return "";
    this.#names++;
    return `${this.#named.replaceDots ? service.replaceAll(".", "_") : service}.${method}`;
  }

  #add(methods: Map<string, GrpcMethodStats>, path: string, prefix: string): GrpcMethodStats {
    const stats = new GrpcMethodStats(this.#stats, prefix, this.#otherCode);
    methods.set(path, stats);
    return stats;
  }

  readonly #otherCode = (name: string): number | null => {
    if (!this.#otherCodes.has(name)) {
      if (this.#names >= this.#namesMax) return null;
      this.#names++;
      this.#otherCodes.add(name);
    }
    return this.#stats.dynamicCounter(name);
  };
}
