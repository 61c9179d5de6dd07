import { defineStats } from "../definition.ts";

/**
 * `http1.*` (all downstream codecs together) and `cluster.<name>.http1.*`. They appear with the first HTTP/1 codec
 * of the scope: call `touchScope` when that is built.
 */
export const HTTP1_STATS = defineStats(
  {
    dropped_headers_with_underscores: "counter",
    metadata_not_supported_error: "counter",
    requests_rejected_with_underscores_in_headers: "counter",
    response_flood: "counter",
  },
  [
    "dropped_headers_with_underscores",
    "metadata_not_supported_error",
    "requests_rejected_with_underscores_in_headers",
    "response_flood",
  ],
);
