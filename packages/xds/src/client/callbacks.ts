import type { VersionedResource } from "../types/versioned-resource.ts";

/** A resource as a control plane sent it. */
export interface ReceivedResource extends VersionedResource {
  /** Other names under which it may have been asked for (VHDS). */
  readonly aliases: readonly string[];
}

/** What became different for one watch. */
export interface ConfigUpdate {
  /** New, or of other content than before. */
  readonly added: readonly ReceivedResource[];
  /** Gone, expired, or told not to exist. */
  readonly removed: readonly string[];
  /** `version_info`, or `system_version_info` in delta; empty when no response is behind it. */
  readonly version: string;
}

/** Something that the owner of a watch does not take. */
export interface Rejection {
  /** The resource, or null: nothing of the whole update was taken. */
  readonly name: string | null;
  /** Why: the control plane reads it in the NACK. */
  readonly message: string;
  /** Where in the resource, `filter_chains[0].filters[1]`, when it is known. */
  readonly place?: string;
}

/** The owner of a watch. */
export interface SubscriptionCallbacks {
  /**
   * Called for each response that concerns the watch, at once and never from within `watch`. A watch of all resources is
   * called for an empty change too: the first call says that what there is has come. The owner takes all that it does not
   * return; what it throws stands for a rejection of the whole update.
   */
  onConfigUpdate(update: ConfigUpdate): readonly Rejection[] | undefined;
  /**
   * Nothing came in `initial_fetch_timeout`, or what came first cannot be used at all; it may still come later. Called once
   * at most.
   */
  onFetchTimeout(): void;
  /**
   * The control plane could not be reached, or went away; what was accepted stays. What it throws is thrown on when the
   * others have been told.
   */
  onConnectionFailure?(reason: string): void;
}

/** Envoy's statistics of a subscription, by their names. The owner counts. */
export interface SubscriptionStats {
  updateAttempt(): void;
  /** With `update_time`, `version` and `version_text`. `durationMs` is what the owners took (`update_duration`). */
  updateSuccess(version: string, durationMs: number): void;
  /** The control plane could not be reached. */
  updateFailure(): void;
  updateRejected(): void;
  initFetchTimeout(): void;
}

/** `initial_fetch_timeout` when it is not set. */
export const DEFAULT_INITIAL_FETCH_TIMEOUT_MS = 15_000;

/** What somebody wants to be told. */
export interface WatchOptions {
  /** Names as the control plane knows them; `*` for all that it has for this node. */
  readonly names: readonly string[];
  readonly callbacks: SubscriptionCallbacks;
  readonly stats?: SubscriptionStats;
  /** Milliseconds until `onFetchTimeout`; 0: never. 15,000 unless given. */
  readonly initialFetchTimeoutMs?: number;
  /**
   * A name stands for all resources below it: `routes` for `routes/example.com` (VHDS). As Envoy does it, the control plane
   * is asked for everything that it has of the type; names that are added later are asked for by themselves.
   */
  readonly matchNamespace?: boolean;
}

/** A running watch. */
export interface Watch {
  /** From now on these names and no others. */
  setNames(names: readonly string[]): void;
  /** These names too (ODCDS, VHDS on demand). */
  addNames(names: readonly string[]): void;
  removeNames(names: readonly string[]): void;
  /** What the owner still needs before it can use a resource, for the status; null when it needs nothing. */
  setWaitsFor(name: string, reason: string | null): void;
  /** No callback from now on. May be called from a callback, and more than once. */
  cancel(): void;
}
