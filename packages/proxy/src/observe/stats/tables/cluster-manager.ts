import { defineStats } from "../definition.ts";

/** `cluster_manager.*`. Written by main. */
export const CLUSTER_MANAGER_STATS = defineStats({
  active_clusters: "gauge",
  cluster_added: "counter",
  cluster_modified: "counter",
  cluster_removed: "counter",
  cluster_updated: "counter",
  cluster_updated_via_merge: "counter",
  update_merge_cancelled: "counter",
  update_out_of_merge_window: "counter",
  warming_clusters: "gauge",
});

/** `thread_local_cluster_manager.<main_thread|worker_n>.*`. */
export const THREAD_LOCAL_CLUSTER_MANAGER_STATS = defineStats({ clusters_inflated: "gauge" });
