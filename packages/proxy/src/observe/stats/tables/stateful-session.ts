import { defineStats } from "../definition.ts";

/** `http.<stat_prefix>.stateful_session.<stat_prefix>.*`. */
export const STATEFUL_SESSION_STATS = defineStats({
  routed: "counter",
  failed_open: "counter",
  failed_closed: "counter",
  no_session: "counter",
});
