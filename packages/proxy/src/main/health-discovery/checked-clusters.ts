import { isDeepStrictEqual } from "node:util";
import type { StatsRegistry, WorkerStats } from "../../observe/stats/definition.ts";
import { HEALTH_CHECK_STATS } from "../../observe/stats/tables/health-check.ts";
import { HostChecker, type CheckObserver } from "../health-checking/host-checker.ts";
import type { HostHealth } from "../health-checking/host-health.ts";
import type { HealthCheckConfig } from "../health-checking/model.ts";
import type { CheckedCluster, CheckedEndpoint, CheckedLocality } from "./specifier.ts";

/** What checks need. */
export interface CheckParts {
  readonly registry: StatsRegistry;
  readonly stats: WorkerStats;
  readonly random: () => number;
}

/** The health of an endpoint, where it is. */
export interface EndpointStatus {
  readonly endpoint: CheckedEndpoint;
  readonly health: HostHealth;
}

export interface LocalityStatus {
  readonly locality: CheckedLocality["locality"];
  readonly endpoints: readonly EndpointStatus[];
}

/** One cluster whose endpoints are checked for a server. */
class Cluster {
  #plan: CheckedCluster;
  readonly #observer: CheckObserver;
  readonly #random: () => number;
  #checkers = new Map<string, HostChecker>();

  constructor(plan: CheckedCluster, parts: CheckParts) {
    this.#plan = plan;
    this.#observer = counters(plan.name, parts);
    this.#random = parts.random;
    this.update(plan);
  }

  /** Endpoints that are checked as before go on with what is known of them. */
  update(plan: CheckedCluster): void {
    const isSame = isDeepStrictEqual(plan.config, this.#plan.config);
    const before = this.#checkers;
    this.#plan = plan;
    this.#checkers = new Map();
    for (const { endpoints } of plan.localities) {
      for (const endpoint of endpoints) {
        const key = keyOf(endpoint);
        const known = isSame ? before.get(key) : undefined;
        if (known !== undefined) before.delete(key);
        if (!this.#checkers.has(key))
          this.#checkers.set(key, known ?? this.#check(endpoint, plan.config));
      }
    }
    for (const checker of before.values()) checker.stop();
  }

  status(): { readonly name: string; readonly localities: readonly LocalityStatus[] } {
    const localities = this.#plan.localities.map(({ locality, endpoints }) => ({
      locality,
      endpoints: endpoints.map((endpoint) => {
        const { health } = this.#checkers.get(keyOf(endpoint))!;
        return { endpoint, health };
      }),
    }));
    return { name: this.#plan.name, localities };
  }

  stop(): void {
    for (const checker of this.#checkers.values()) checker.stop();
  }

  #check(endpoint: CheckedEndpoint, config: HealthCheckConfig): HostChecker {
    return new HostChecker(endpoint, config, this.#observer, this.#random);
  }
}

/** Everything that a server wants to be checked. */
export class CheckedClusters {
  readonly #parts: CheckParts;
  #clusters = new Map<string, Cluster>();

  constructor(parts: CheckParts) {
    this.#parts = parts;
  }

  /** From now on these alone. */
  update(plans: readonly CheckedCluster[]): void {
    const before = this.#clusters;
    this.#clusters = new Map();
    for (const plan of plans) {
      const known = before.get(plan.name);
      before.delete(plan.name);
      known?.update(plan);
      this.#clusters.set(plan.name, known ?? new Cluster(plan, this.#parts));
    }
    for (const cluster of before.values()) cluster.stop();
  }

  statuses(): ReturnType<Cluster["status"]>[] {
    return Array.from(this.#clusters.values(), (cluster) => cluster.status());
  }

  stop(): void {
    for (const cluster of this.#clusters.values()) cluster.stop();
  }
}

function keyOf({ address, hostname, told }: CheckedEndpoint): string {
  return `${address.text} ${hostname} ${JSON.stringify(told)}`;
}

function counters(name: string, { registry, stats }: CheckParts): CheckObserver {
  const { at } = HEALTH_CHECK_STATS;
  const { base } = registry.scope(
    `cluster.${name.replaceAll(":", "_")}.health_check.`,
    HEALTH_CHECK_STATS,
  );
  const add = (stat: keyof typeof at, by = 1): void => void (stats.slots[base + at[stat]]! += by);
  return {
    onAttempt: () => add("attempt"),
    onResult({ kind }, { isHealthy }, changed) {
      add(kind === "success" ? "success" : "failure");
      if (kind === "network" || kind === "timeout") add("network_failure");
      if (changed) add("healthy", isHealthy ? 1 : -1);
    },
    onEnd({ isHealthy }) {
      if (isHealthy) add("healthy", -1);
    },
  };
}
