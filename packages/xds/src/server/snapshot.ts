import { orderOfUrl, shortNameOfUrl } from "../types/resource-type.ts";
import type { VersionedResource } from "../types/versioned-resource.ts";
import { cachedResource } from "./cached-resource.ts";
import type { CachedResource } from "./cached-resource.ts";
import { referencesOf } from "./references.ts";
import type { ResourceSet } from "./resource-table.ts";
import { SetVersion } from "./set-version.ts";

/** All that a client is to have, of all types, at one moment. Never changes; may be shared by any number of clients. */
export class Snapshot {
  readonly #sets = new Map<string, ResourceSet>();

  /**
   * @param version of every type; when it is left out, a hash of each type's content, so that a type in which nothing
   *   changed keeps its version. Throws when two resources of a type have the same name.
   */
  constructor(resources: Iterable<VersionedResource>, version?: string) {
    const byType = Map.groupBy(resources, ({ typeUrl }) => typeUrl);
    for (const [typeUrl, ofType] of byType) {
      const set = new Map<string, CachedResource>();
      const content = new SetVersion();
      for (const resource of ofType.map(cachedResource)) {
        if (set.has(resource.name))
          throw new Error(`two ${shortNameOfUrl(typeUrl)} resources are called "${resource.name}"`);
        set.set(resource.name, resource);
        content.add(resource);
      }
      this.#sets.set(typeUrl, { version: version ?? content.toString(), resources: set });
    }
    this.#empty = { version: version ?? new SetVersion().toString(), resources: new Map() };
  }

  readonly #empty: ResourceSet;

  /** The types that there are resources of, in make-before-break order. */
  typeUrls(): string[] {
    return [...this.#sets.keys()].toSorted((a, b) => orderOfUrl(a) - orderOfUrl(b));
  }

  /** The resources of a type; an empty set of one that has none. */
  ofType(typeUrl: string): ResourceSet {
    return this.#sets.get(typeUrl) ?? this.#empty;
  }

  /**
   * What clients would wait for in vain: endpoints of a cluster and routes of a listener that are to come from this
   * server and are not there. Empty when the snapshot is consistent.
   */
  problems(): string[] {
    const problems: string[] = [];
    for (const { resources } of this.#sets.values()) {
      for (const resource of resources.values()) {
        for (const { typeUrl, name } of referencesOf(resource)) {
          if (this.ofType(typeUrl).resources.has(name)) continue;
          problems.push(
            `${shortNameOfUrl(resource.typeUrl)} "${resource.name}" needs ${shortNameOfUrl(typeUrl)} "${name}", which is not in the snapshot`,
          );
        }
      }
    }
    return problems;
  }
}
