import type { ReferenceGrant } from "#gen/resources";
import { Index } from "../../incremental/index-cells.ts";
import type { Read } from "../../incremental/stage.ts";
import { namespaceOf, type ObjectRef } from "../../resources/object.ts";
import type { ResourceStore } from "../../resources/store.ts";

/** Who refers to something. */
export interface ReferenceFrom {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
}

/** Which references across namespaces are allowed. */
export class ReferenceGrants {
  readonly #store: ResourceStore;
  readonly #byNamespace: Index<ReferenceGrant>;

  constructor(store: ResourceStore) {
    this.#store = store;
    this.#byNamespace = new Index(
      "reference grants by namespace",
      store.table<ReferenceGrant>("ReferenceGrant"),
      (grant) => [namespaceOf(grant)],
    );
  }

  /** True within a namespace, and where a grant in the namespace of the target allows it. */
  permits(read: Read, from: ReferenceFrom, to: ObjectRef): boolean {
    if (to.namespace === undefined || to.namespace === from.namespace) return true;
    const grants = this.#store.table<ReferenceGrant>("ReferenceGrant");
    for (const key of read.one(this.#byNamespace, to.namespace) ?? []) {
      const grant = read.one(grants, key);
      if (grant !== undefined && allows(grant, from, to)) return true;
    }
    return false;
  }
}

function allows({ spec }: ReferenceGrant, from: ReferenceFrom, to: ObjectRef): boolean {
  return (
    spec.from.some(
      ({ group, kind, namespace }) =>
        group === from.group && kind === from.kind && namespace === from.namespace,
    ) &&
    spec.to.some(
      ({ group, kind, name }) =>
        group === to.group && kind === to.kind && (name ?? to.name) === to.name,
    )
  );
}
