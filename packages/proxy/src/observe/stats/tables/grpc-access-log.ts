import { defineStats } from "../definition.ts";

/** `access_logs.grpc_access_log.*`: entries of all loggers by gRPC together. Those of TCP are not `logs_written`, as in Envoy. */
export const GRPC_ACCESS_LOG_STATS = defineStats({
  logs_written: "counter",
  logs_dropped: "counter",
  grpc_entries_flushed: "counter",
  grpc_entries_flush_failed: "counter",
});
