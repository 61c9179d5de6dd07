import { defineStats } from "../definition.ts";

/** `dns.cares.*`: the resolver that STRICT_DNS and LOGICAL_DNS clusters use by default. Written by main. */
export const DNS_CARES_STATS = defineStats({
  get_addr_failure: "counter",
  not_found: "counter",
  pending_resolutions: "gauge",
  reinits: "counter",
  resolve_total: "counter",
  timeouts: "counter",
});
