import type { CachedResource } from "./cached-resource.ts";
import { collectionsOfType, type Collections } from "./collections.ts";

/** Resources of one type at one moment. */
export interface ResourceSet {
  /** Differs whenever one of the resources does. */
  readonly version: string;
  readonly resources: ReadonlyMap<string, CachedResource>;
}

const NOTHING: ReadonlySet<string> = new Set();

/** Is told of changes. */
export interface TableWatcher {
  /** The resource of this name is there, is gone, or is another one. */
  changed(name: string): void;
  /** Any resource may be another one: there was nothing to compare with. */
  changedAll(): void;
}

/**
 * The newest resources of one type, and who wants to know when which of them changes. A change reaches those who watch
 * its name, and those who watch all.
 */
export class ResourceTable {
  readonly typeUrl: string;
  readonly collections: Collections;
  /** Called when the last member has left. */
  readonly #onIdle: () => void;
  #set: ResourceSet | undefined;
  readonly #members = new Set<TableWatcher>();
  readonly #watchersOfAll = new Set<TableWatcher>();
  readonly #watchersOfName = new Map<string, Set<TableWatcher>>();
  /** How many of those names are of collections. */
  #watchedCollections = 0;
  /** What is in each collection; known from when it was first asked for. */
  #byCollection: Map<string, Set<string>> | undefined;

  constructor(typeUrl: string, onIdle: () => void = () => {}) {
    this.typeUrl = typeUrl;
    this.collections = collectionsOfType(typeUrl);
    this.#onIdle = onIdle;
  }

  /** Undefined as long as nobody has said what there is: clients wait. */
  get set(): ResourceSet | undefined {
    return this.#set;
  }

  /** True when nobody is a member. */
  get idle(): boolean {
    return this.#members.size === 0;
  }

  /** The watcher uses the table, whether or not it watches a name at the moment. */
  join(watcher: TableWatcher): void {
    this.#members.add(watcher);
  }

  /** Ends what `join` began. The watcher has to have ended its watches. */
  leave(watcher: TableWatcher): void {
    if (this.#members.delete(watcher) && this.idle) this.#onIdle();
  }

  /** Tells the watcher of all changes. */
  watchAll(watcher: TableWatcher): void {
    this.#watchersOfAll.add(watcher);
  }

  /** Ends what `watchAll` began; names that are watched stay so. */
  unwatchAll(watcher: TableWatcher): void {
    this.#watchersOfAll.delete(watcher);
  }

  /** Tells the watcher of changes of one name, which need not exist, or of all in a collection. */
  watch(name: string, watcher: TableWatcher): void {
    let watchers = this.#watchersOfName.get(name);
    if (watchers === undefined) {
      this.#watchersOfName.set(name, (watchers = new Set()));
      if (this.collections.isName(name)) this.#watchedCollections++;
    }
    watchers.add(watcher);
  }

  /** Ends what `watch` began. */
  unwatch(name: string, watcher: TableWatcher): void {
    const watchers = this.#watchersOfName.get(name);
    if (watchers?.delete(watcher) !== true || watchers.size > 0) return;
    this.#watchersOfName.delete(name);
    if (this.collections.isName(name)) this.#watchedCollections--;
  }

  /**
   * Puts another set in place and tells nobody yet; `undefined` takes away what was known. Returns the names that
   * differ.
   */
  replace(set: ResourceSet | undefined): string[] {
    const before = this.#set;
    this.#set = set;
    if (before?.resources !== set?.resources) this.#byCollection = undefined;
    return set === undefined || before === set ? [] : differences(before, set);
  }

  /** Tells the watchers of these names. */
  notify(names: Iterable<string>): void {
    for (const name of names) {
      this.#sort(name);
      for (const watcher of this.#watchersOfAll) watcher.changed(name);
      for (const watcher of this.#watchersOfName.get(name) ?? []) watcher.changed(name);
      if (this.#watchedCollections === 0) continue;
      const collection = this.collections.of(name);
      if (collection === undefined) continue;
      for (const watcher of this.#watchersOfName.get(collection) ?? []) watcher.changed(name);
    }
  }

  /** The names of what there is in a collection. */
  namesIn(collection: string): ReadonlySet<string> {
    if (this.#byCollection === undefined) {
      this.#byCollection = new Map();
      for (const name of this.#set?.resources.keys() ?? []) this.#sort(name);
    }
    return this.#byCollection.get(collection) ?? NOTHING;
  }

  /** Puts a name where it belongs, once anybody has asked what is in a collection. */
  #sort(name: string): void {
    if (this.#byCollection === undefined) return;
    const collection = this.collections.of(name);
    if (collection === undefined) return;
    const members = this.#byCollection.get(collection);
    if (this.#set?.resources.has(name) === true) {
      if (members === undefined) this.#byCollection.set(collection, new Set([name]));
      else members.add(name);
    } else if (members?.delete(name) === true && members.size === 0) {
      this.#byCollection.delete(collection);
    }
  }

  /** Tells all members to compare: what there was before is not known any more. */
  notifyAll(): void {
    for (const watcher of this.#members) watcher.changedAll();
  }
}

function differences(before: ResourceSet | undefined, after: ResourceSet): string[] {
  const names: string[] = [];
  // The same resources under another version: who changed them knows the names.
  if (before?.resources === after.resources) return names;
  for (const [name, { version }] of after.resources) {
    if (before?.resources.get(name)?.version !== version) names.push(name);
  }
  for (const name of before?.resources.keys() ?? []) {
    if (!after.resources.has(name)) names.push(name);
  }
  return names;
}
