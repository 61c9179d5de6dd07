import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { ResourceTable } from "./resource-table.ts";

/** Where a server takes resources from. */
export interface ResourceCache {
  /**
   * The table that a client reads; the same one for all clients that are to see the same. Undefined for a type that is
   * not served: the client then waits until its fetch times out, as with any server.
   */
  tableFor(node: Node, typeUrl: string): ResourceTable | undefined;
}
