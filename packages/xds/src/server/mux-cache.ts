import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { ResourceCache } from "./cache.ts";
import type { ResourceTable } from "./resource-table.ts";

/** Another cache for each type: endpoints that change every second in a LinearCache, all else in a SnapshotCache. */
export class MuxCache implements ResourceCache {
  readonly #byType: ReadonlyMap<string, ResourceCache>;
  readonly #others: ResourceCache | undefined;

  /** @param others for the types that are not in the map; without it they are not served */
  constructor(byType: ReadonlyMap<string, ResourceCache>, others?: ResourceCache) {
    this.#byType = byType;
    this.#others = others;
  }

  /** The table that the type's cache has for the node. */
  tableFor(node: Node, typeUrl: string): ResourceTable | undefined {
    return (this.#byType.get(typeUrl) ?? this.#others)?.tableFor(node, typeUrl);
  }
}
