import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { Rejection, SubscriptionStats } from "@nuncio/xds";

export type { Rejection, SubscriptionStats };

/** A resource as a control plane or a file brought it. */
export interface ReceivedResource {
  readonly name: string;
  /** Differs whenever the content does. */
  readonly version: string;
  /** `type.googleapis.com/envoy.config.cluster.v3.Cluster` */
  readonly typeUrl: string;
  /** The serialized message. */
  readonly value: Uint8Array;
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

/** The owner of a watch. */
export interface SubscriptionCallbacks {
  /** Called for each response that concerns the watch, never from within `watch`. What is not returned is taken. */
  onConfigUpdate(update: ConfigUpdate): readonly Rejection[];
  /** Nothing came in `initial_fetch_timeout`, or what came first cannot be used at all; it may still come later. */
  onFetchTimeout(): void;
}

/** What somebody wants to be told. */
export interface SubscriptionOptions {
  readonly typeUrl: string;
  /** Null for `xdstp://` names: their authority tells. */
  readonly source: ConfigSource | null;
  /** What `self` stands for: where the resource that has the source in it came from. */
  readonly parentSource?: ConfigSource;
  /** Names as the control plane knows them; `*` for all that it has for this node. */
  readonly names: readonly string[];
  readonly callbacks: SubscriptionCallbacks;
  /** A name stands for all resources below it: `routes` for `routes/example.com` (VHDS). */
  readonly matchNamespace?: boolean;
  readonly stats?: SubscriptionStats;
}

/** A running watch. */
export interface Watch {
  /** These names too. */
  addNames(names: readonly string[]): void;
  removeNames(names: readonly string[]): void;
  /** What the owner still needs before it can use a resource, for the status; null when it needs nothing. */
  setWaitsFor(name: string, reason: string | null): void;
  /** No callback from now on. May be called from a callback, and more than once. */
  cancel(): void;
}

/** Where resources come from while the proxy runs. Main thread. */
export interface Subscriptions {
  /** @throws Error when its source cannot be used; the message says why */
  watch(options: SubscriptionOptions): Watch;
}
