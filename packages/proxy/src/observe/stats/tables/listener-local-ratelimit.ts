import { defineStats } from "../definition.ts";

/** `listener_local_ratelimit.<stat_prefix>.*`. */
export const LISTENER_LOCAL_RATELIMIT_STATS = defineStats({ rate_limited: "counter" });
