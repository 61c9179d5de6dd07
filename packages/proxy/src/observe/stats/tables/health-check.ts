import { defineStats } from "../definition.ts";

/** `cluster.<name>.health_check.*`. Written by main. */
export const HEALTH_CHECK_STATS = defineStats({
  attempt: "counter",
  degraded: "gauge",
  failure: "counter",
  healthy: "gauge",
  network_failure: "counter",
  passive_failure: "counter",
  success: "counter",
  verify_cluster: "counter",
});

/** `hds_delegate.*`. Written by main. */
export const HDS_STATS = defineStats({
  errors: "counter",
  requests: "counter",
  responses: "counter",
  updates: "counter",
});
