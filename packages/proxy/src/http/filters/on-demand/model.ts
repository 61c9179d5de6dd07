/** The on_demand filter, and its configuration of a route, as main posts them to the workers. */
export interface OnDemandConfig {
  /** Clusters that are not there are asked for; null: they are not. */
  readonly odcds: OnDemandClustersConfig | null;
}

/** `odcds` */
export interface OnDemandClustersConfig {
  /** The number of the source of clusters. */
  readonly sourceId: number;
  /** How long a request waits for its cluster. 5 s. */
  readonly timeoutMs: number;
}
