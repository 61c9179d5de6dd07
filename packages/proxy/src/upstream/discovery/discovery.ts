import type { Address, Metadata } from "../../observe/stream-info.ts";
import type { AssignmentPolicy, DnsResolverConfig } from "../definition.ts";
import type { Locality } from "../model.ts";
import type { DnsResolver } from "./dns-resolver.ts";

/** Finds the hosts of one cluster, once or again and again. Main thread. */
export interface Discovery {
  /**
   * Calls back from now on, perhaps before it returns.
   * @throws Error when hosts cannot be asked for in this way; the message says why
   */
  start(): void;
  /** No more calls after this. */
  stop(): void;
  /** What the first answer is awaited of, for people. */
  readonly waitsFor: string;
}

/** What a discovery tells. */
export interface DiscoveryListener {
  /** All hosts of this priority, which may be the same as before. */
  onHosts(priority: number, hosts: readonly ResolvedHost[]): void;
  /** All hosts of all priorities, which may be the same as before, and how they are to be used. */
  onAssignment(byPriority: readonly (readonly ResolvedHost[])[], policy: AssignmentPolicy): void;
  /** The first answer is there, or failed: the cluster may be used. Called once. */
  onInitialized(): void;
  /** One of `CLUSTER_STATS`' `update_…` counters rises. */
  onUpdate(counter: UpdateCounter): void;
}

export type UpdateCounter =
  | "update_attempt"
  | "update_success"
  | "update_failure"
  | "update_empty"
  | "update_no_rebuild"
  | "assignment_timeout_received"
  | "assignment_stale";

/** An endpoint with its address. */
export interface ResolvedHost {
  /** The same as before: the same host, which keeps its connections. Unique in the cluster. */
  readonly id: string;
  readonly address: Address;
  readonly hostname: string;
  readonly weight: number;
  readonly healthFlags: number;
  readonly metadata: Metadata | null;
  readonly locality: Locality;
  readonly localityWeight: number;
}

/** Time, chance and DNS, as main or a test provides them. */
export interface DiscoveryRuntime {
  /** Uniform in [0, 1). */
  random(): number;
  /** Milliseconds since the epoch. */
  wallMs(): number;
  /** Calls back once; the returned function cancels. Must not keep the process alive. */
  after(delayMs: number, callback: () => void): () => void;
  resolver(config: DnsResolverConfig): DnsResolver;
}
