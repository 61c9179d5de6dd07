import { defineStats } from "../definition.ts";

/** `http_inspector.*`, of all listeners together. */
export const HTTP_INSPECTOR_STATS = defineStats({
  http10_found: "counter",
  http11_found: "counter",
  http2_found: "counter",
  http_not_found: "counter",
  read_error: "counter",
});
