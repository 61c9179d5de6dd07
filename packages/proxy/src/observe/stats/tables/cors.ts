import { defineStats } from "../definition.ts";

/** `http.<stat_prefix>.cors.*`. */
export const CORS_STATS = defineStats({ origin_valid: "counter", origin_invalid: "counter" });
