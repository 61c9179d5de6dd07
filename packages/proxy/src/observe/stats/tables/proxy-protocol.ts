import { defineStats } from "../definition.ts";

/** `proxy_proto.*`, or `proxy_proto.<stat_prefix>.*`. */
export const PROXY_PROTOCOL_STATS = defineStats({
  not_found_allowed: "counter",
  not_found_disallowed: "counter",
  "versions.v1.disallowed": "counter",
  "versions.v1.error": "counter",
  "versions.v1.found": "counter",
  "versions.v2.disallowed": "counter",
  "versions.v2.error": "counter",
  "versions.v2.found": "counter",
});

/** At the root, of all listeners together. */
export const PROXY_PROTOCOL_LEGACY_STATS = defineStats({
  downstream_cx_proxy_proto_error: "counter",
});
