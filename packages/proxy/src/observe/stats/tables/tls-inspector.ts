import { defineStats } from "../definition.ts";

/** `tls_inspector.*`, of all listeners together. */
export const TLS_INSPECTOR_STATS = defineStats({
  alpn_found: "counter",
  alpn_not_found: "counter",
  client_hello_too_large: "counter",
  sni_found: "counter",
  sni_not_found: "counter",
  tls_found: "counter",
  tls_not_found: "counter",
  bytes_processed: "histogram",
});
