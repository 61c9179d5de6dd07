import { defineStats } from "../definition.ts";
import { SUBSCRIPTION } from "./subscription.ts";

/** `cluster.<name>.*` of a cluster whose hosts come by EDS, beside those of every cluster. Written by main. */
export const EDS_STATS = defineStats({
  init_fetch_timeout: "counter",
  update_duration: "histogram",
  update_rejected: "counter",
  update_time: "gauge",
});

/** `cluster.<name>.leds.*` of a cluster whose endpoints come by LEDS. Written by main. */
export const LEDS_STATS = defineStats({ ...SUBSCRIPTION, update_empty: "counter" });
