import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import { canonicalResourceName } from "../types/resource-name.ts";
import type { VersionedResource } from "../types/versioned-resource.ts";
import type { ResourceCache } from "./cache.ts";
import { cachedResource } from "./cached-resource.ts";
import type { CachedResource } from "./cached-resource.ts";
import { ResourceTable } from "./resource-table.ts";
import type { ResourceSet } from "./resource-table.ts";
import { SetVersion } from "./set-version.ts";

/** Resources of one type that are the same for all clients, and change one by one. */
export class LinearCache implements ResourceCache {
  readonly #table: ResourceTable;
  readonly #resources = new Map<string, CachedResource>();
  readonly #version = new SetVersion();

  constructor(typeUrl: string, resources: Iterable<VersionedResource> = []) {
    this.#table = new ResourceTable(typeUrl);
    this.update(resources);
  }

  /** Adds resources or puts them in the place of those of the same name, and takes away those that are named. */
  update(resources: Iterable<VersionedResource>, removed: Iterable<string> = []): void {
    const added = Array.from(resources, cachedResource);
    for (const { typeUrl } of added) this.#check(typeUrl);
    const changed = added.filter((resource) => this.#put(resource)).map(({ name }) => name);
    for (const name of Array.from(removed, canonicalResourceName)) {
      if (this.#take(name)) changed.push(name);
    }
    this.#table.replace(this.#set());
    this.#table.notify(changed);
  }

  /** The resource of a name. */
  get(name: string): VersionedResource | undefined {
    return this.#resources.get(canonicalResourceName(name));
  }

  /** The names of all resources. */
  names(): string[] {
    return [...this.#resources.keys()];
  }

  /** One table for all nodes. */
  tableFor(_node: Node, typeUrl: string): ResourceTable | undefined {
    return typeUrl === this.#table.typeUrl ? this.#table : undefined;
  }

  #check(typeUrl: string): void {
    if (typeUrl === this.#table.typeUrl) return;
    throw new Error(`expected a resource of ${this.#table.typeUrl}, got ${typeUrl}`);
  }

  #put(resource: CachedResource): boolean {
    const before = this.#resources.get(resource.name);
    if (before?.version === resource.version) return false;
    if (before !== undefined) this.#version.remove(before);
    this.#resources.set(resource.name, resource);
    this.#version.add(resource);
    return true;
  }

  #take(name: string): boolean {
    const before = this.#resources.get(name);
    if (before === undefined) return false;
    this.#version.remove(before);
    return this.#resources.delete(name);
  }

  #set(): ResourceSet {
    return { version: this.#version.toString(), resources: this.#resources };
  }
}
