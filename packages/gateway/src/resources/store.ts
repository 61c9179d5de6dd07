import { Table } from "../incremental/table.ts";
import { RESOURCE_KINDS, type KindName } from "./kinds.ts";
import { keyOf, type ObjectKey, type Resource } from "./object.ts";

/** All objects that the control plane knows, by kind and key. Providers put them in, stages read them. */
export class ResourceStore {
  readonly #tables = new Map<string, Table<Resource>>(
    RESOURCE_KINDS.map(({ kind }) => [kind, new Table<Resource>(kind)]),
  );

  /** The objects of a kind. The caller knows the kind's type. */
  table<Shape extends Resource = Resource>(kind: KindName): Table<Shape> {
    return this.#tables.get(kind) as unknown as Table<Shape>;
  }

  /** False when the same object was there: an equal one changes nothing. */
  put(resource: Resource): boolean {
    return this.#tableOf(resource.kind).set(keyOf(resource), resource);
  }

  remove(kind: string, key: ObjectKey): boolean {
    return this.#tableOf(kind).delete(key);
  }

  #tableOf(kind: string): Table<Resource> {
    const table = this.#tables.get(kind);
    if (table === undefined) throw new Error(`no kind named ${kind}`);
    return table;
  }
}
