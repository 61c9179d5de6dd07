import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import { orderOfUrl } from "../types/resource-type.ts";
import type { ResourceCache } from "./cache.ts";
import { ResourceTable } from "./resource-table.ts";
import type { Snapshot } from "./snapshot.ts";

/** Settings of a SnapshotCache. */
export interface SnapshotCacheOptions {
  /** Clients of the same group get the same snapshot. The node's id unless given. */
  readonly groupOf?: (node: Node) => string;
}

interface Group {
  snapshot: Snapshot | undefined;
  readonly tables: Map<string, ResourceTable>;
}

/** One snapshot for each group of clients; a new one takes the place of the old one in all types at once. */
export class SnapshotCache implements ResourceCache {
  readonly #groupOf: (node: Node) => string;
  readonly #groups = new Map<string, Group>();

  constructor(options: SnapshotCacheOptions = {}) {
    this.#groupOf = options.groupOf ?? (({ id }) => id);
  }

  /** Gives a group another snapshot. Its clients are sent what differs from what they have. */
  set(name: string, snapshot: Snapshot): void {
    const group = this.#group(name);
    const isFirst = group.snapshot === undefined;
    group.snapshot = snapshot;
    // Nobody is told before all types are in place: whoever is told may look at any of them.
    const tables = [...group.tables.values()].toSorted(
      (a, b) => orderOfUrl(a.typeUrl) - orderOfUrl(b.typeUrl),
    );
    const changes = tables.map((table) => table.replace(snapshot.ofType(table.typeUrl)));
    for (const [index, table] of tables.entries()) {
      if (isFirst) table.notifyAll();
      else table.notify(changes[index] ?? []);
    }
  }

  /** The snapshot of a group. */
  get(name: string): Snapshot | undefined {
    return this.#groups.get(name)?.snapshot;
  }

  /** Forgets a group's snapshot. Its clients keep what they have, and get nothing until there is another one. */
  clear(name: string): void {
    const group = this.#groups.get(name);
    if (group === undefined) return;
    group.snapshot = undefined;
    for (const table of group.tables.values()) table.replace(undefined);
    this.#forgetIdle(name, group);
  }

  /** Groups that have a snapshot, or clients who wait for one. */
  groups(): string[] {
    return [...this.#groups.keys()];
  }

  /** The table of the node's group. */
  tableFor(node: Node, typeUrl: string): ResourceTable {
    const name = this.#groupOf(node);
    const group = this.#group(name);
    let table = group.tables.get(typeUrl);
    if (table === undefined) {
      table = new ResourceTable(typeUrl, () => {
        group.tables.delete(typeUrl);
        this.#forgetIdle(name, group);
      });
      table.replace(group.snapshot?.ofType(typeUrl));
      group.tables.set(typeUrl, table);
    }
    return table;
  }

  #group(name: string): Group {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = { snapshot: undefined, tables: new Map() };
      this.#groups.set(name, group);
    }
    return group;
  }

  /** Clients name their group: without this, each name ever heard would stay. */
  #forgetIdle(name: string, group: Group): void {
    if (group.snapshot !== undefined || this.#groups.get(name) !== group) return;
    if ([...group.tables.values()].every(({ idle }) => idle)) this.#groups.delete(name);
  }
}
