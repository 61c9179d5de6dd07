import { WILDCARD, collectionOf } from "../types/resource-name.ts";
import type { ActiveWatch } from "./active-watch.ts";

/** All watches of one type from one source, by what they want. The same name is asked for once, whoever wants it. */
export class WatchIndex {
  readonly #byName = new Map<string, Set<ActiveWatch>>();
  readonly #all = new Set<ActiveWatch>();
  /** Watches of namespaces: few, and of one type. */
  readonly #ofNamespaces = new Set<ActiveWatch>();

  /** What the control plane is asked for, the wildcard among it: namespaces are picked out of all that there is. */
  *names(): Generator<string> {
    if (this.isForAll) yield WILDCARD;
    for (const name of this.#byName.keys())
      if (name !== WILDCARD && this.isAskedFor(name)) yield name;
  }

  /** True when the control plane is asked for this name. */
  isAskedFor(name: string): boolean {
    if (name === WILDCARD) return this.isForAll;
    const watches = this.#byName.get(name);
    if (watches === undefined) return false;
    if (this.#ofNamespaces.size === 0) return true;
    return [...watches].some((watch) => !watch.isNamespace(name));
  }

  /** Somebody wants everything, or a part of it that only we can tell. */
  get isForAll(): boolean {
    return this.isWildcard || this.hasNamespaces;
  }

  /** What nobody watches is kept for the namespaces to come: the control plane sends it once. */
  get hasNamespaces(): boolean {
    for (const watch of this.#ofNamespaces)
      for (const name of watch.names) if (watch.isNamespace(name)) return true;
    return false;
  }

  get isEmpty(): boolean {
    return this.#byName.size === 0;
  }

  get isWildcard(): boolean {
    return this.#byName.has(WILDCARD);
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  all(): IterableIterator<ActiveWatch> {
    return this.#all.values();
  }

  /** Watches that are told of each response: of everything, and of namespaces that have heard of none. */
  *wildcards(): Generator<ActiveWatch> {
    yield* this.#byName.get(WILDCARD) ?? [];
    for (const watch of this.#ofNamespaces) if (!watch.hasHeard) yield watch;
  }

  /** Puts a watch in; returns the names that nobody wanted before. */
  add(watch: ActiveWatch): string[] {
    this.#all.add(watch);
    if (watch.namespaces.size > 0) this.#ofNamespaces.add(watch);
    return this.#addNames(watch, watch.names);
  }

  /** Takes a watch out; returns the names that nobody wants any more. */
  delete(watch: ActiveWatch): string[] {
    this.#all.delete(watch);
    this.#ofNamespaces.delete(watch);
    return this.#deleteNames(watch, watch.names);
  }

  /** Changes what a watch wants; returns what nobody wanted before, and what nobody wants any more. */
  rename(watch: ActiveWatch, names: ReadonlySet<string>): { added: string[]; removed: string[] } {
    const before = watch.names;
    watch.names = names;
    // In this order: what is in both sets is never unwanted in between.
    const added = this.#addNames(watch, without(names, before));
    return { added, removed: this.#deleteNames(watch, without(before, names)) };
  }

  /** The watches that want a resource, under whichever name. */
  interestedIn(name: string, aliases: readonly string[] = []): Set<ActiveWatch> {
    const found = new Set<ActiveWatch>();
    for (const one of namesOf(name, aliases))
      for (const watch of this.#byName.get(one) ?? []) found.add(watch);
    const namespace = namespaceOf(name);
    for (const watch of this.#byName.get(namespace) ?? [])
      if (watch.isNamespace(namespace)) found.add(watch);
    return found;
  }

  #addNames(watch: ActiveWatch, names: ReadonlySet<string>): string[] {
    const added: string[] = [];
    for (const name of names) {
      const watches = this.#byName.get(name);
      if (watches !== undefined) {
        watches.add(watch);
        continue;
      }
      this.#byName.set(name, new Set([watch]));
      added.push(name);
    }
    return added;
  }

  #deleteNames(watch: ActiveWatch, names: ReadonlySet<string>): string[] {
    const removed: string[] = [];
    for (const name of names) {
      const watches = this.#byName.get(name);
      watches?.delete(watch);
      if (watches?.size !== 0) continue;
      this.#byName.delete(name);
      removed.push(name);
    }
    return removed;
  }
}

/** The names of one set that are not in another. */
export function without(names: ReadonlySet<string>, others: ReadonlySet<string>): Set<string> {
  return new Set(Array.from(names).filter((name) => !others.has(name)));
}

/** True of a resource that one of some names of a watch stands for. */
export function isMeant(
  names: ReadonlySet<string>,
  watch: ActiveWatch,
  name: string,
  aliases: readonly string[] = [],
): boolean {
  const namespace = namespaceOf(name);
  if (watch.isNamespace(namespace) && names.has(namespace)) return true;
  return namesOf(name, aliases).some((one) => names.has(one));
}

/** True of a resource that one of some names stands for, whoever had them. */
export function standFor(
  names: ReadonlySet<string>,
  name: string,
  aliases: readonly string[],
): boolean {
  if (names.size === 0) return false;
  return names.has(namespaceOf(name)) || namesOf(name, aliases).some((one) => names.has(one));
}

/** All names under which a resource can be wanted, but for its namespace. */
function namesOf(name: string, aliases: readonly string[]): string[] {
  const names = [WILDCARD, name, ...aliases];
  const collection = collectionOf(name);
  if (collection !== undefined) names.push(collection);
  return names;
}

/** `routes` of `routes/example.com`; empty when there is none. */
function namespaceOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf("/")));
}
