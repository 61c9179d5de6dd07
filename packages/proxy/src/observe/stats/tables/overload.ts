import { defineStats } from "../definition.ts";

/** `overload.*`, where there is an overload manager. */
export const OVERLOAD_STATS = defineStats({
  refresh_interval_delay: "histogram",
});

/** `overload.<name of a resource monitor>.*`. */
export const OVERLOAD_RESOURCE_STATS = defineStats({
  pressure: "gauge",
  failed_updates: "counter",
  skipped_updates: "counter",
});

/** `overload.<name of an action>.*`. */
export const OVERLOAD_ACTION_STATS = defineStats({
  active: "gauge",
  scale_percent: "gauge",
});

/** `overload.envoy.overload_actions.shrink_heap.*`: in the same place. */
export const SHRINK_HEAP_STATS = defineStats({
  shrink_count: "counter",
});

/** `overload.<name of a load shed point>.*`. */
export const LOAD_SHED_POINT_STATS = defineStats({
  scale_percent: "gauge",
  shed_load_count: "counter",
});
