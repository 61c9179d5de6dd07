import { sameData } from "../../incremental/same-data.ts";
import type { KindName } from "../../resources/kinds.ts";
import { keyOf, type Resource } from "../../resources/object.ts";
import type { ResourceStore } from "../../resources/store.ts";

/** What was read of a file. */
export interface FileContent {
  readonly objects: readonly Resource[];
  /** Objects of the file that were refused: what they were before stays. */
  readonly refused: readonly { readonly kind: string; readonly key: string }[];
  /** False when part of the file could not be read: whatever was in it before may still be. */
  readonly complete: boolean;
}

/** `HTTPRoute default/a` */
type ObjectId = string;

/**
 * Which objects are in which files, and what of that is in the store. An object that is in several files is taken from the
 * first one by name.
 */
export class FileObjects {
  readonly #store: ResourceStore;
  readonly #files = new Map<string, Map<ObjectId, Resource>>();
  readonly #filesOf = new Map<ObjectId, Set<string>>();

  constructor(store: ResourceStore) {
    this.#store = store;
  }

  /**
   * Takes what a file has now; undefined: the file is gone. Costs the objects of this file.
   *
   * @returns what is wrong between files, a line each
   */
  update(file: string, content: FileContent | undefined): string[] {
    const before = this.#files.get(file) ?? new Map<ObjectId, Resource>();
    const problems: string[] = [];
    const now = content === undefined ? new Map<ObjectId, Resource>() : objectsOf(content, before);
    if (content !== undefined && now.size < content.objects.length)
      problems.push(...twice(file, content));
    if (content === undefined) this.#files.delete(file);
    else this.#files.set(file, now);
    for (const id of before.keys()) if (!now.has(id)) this.#leave(id, file);
    for (const id of now.keys()) {
      const others = this.#join(id, file);
      if (others !== undefined)
        problems.push(`${others.passedOver}: ${id} is in ${others.used} too, which is used`);
    }
    for (const id of new Set([...before.keys(), ...now.keys()])) this.#apply(id);
    return problems;
  }

  #join(id: ObjectId, file: string): { used: string; passedOver: string } | undefined {
    const files = this.#filesOf.get(id) ?? new Set();
    this.#filesOf.set(id, files.add(file));
    if (files.size === 1) return undefined;
    const used = firstOf(files);
    const passedOver = used === file ? [...files].find((other) => other !== file)! : file;
    return { used, passedOver };
  }

  #leave(id: ObjectId, file: string): void {
    const files = this.#filesOf.get(id);
    if (files?.delete(file) === true && files.size === 0) this.#filesOf.delete(id);
  }

  #apply(id: ObjectId): void {
    const files = this.#filesOf.get(id);
    const [kind = "", key = ""] = id.split(" ", 2);
    const object = files && this.#files.get(firstOf(files))?.get(id);
    if (object === undefined) this.#store.remove(kind, key);
    else this.#store.put(withGeneration(object, this.#store.table(kind as KindName).peek(key)));
  }
}

function firstOf(files: ReadonlySet<string>): string {
  return [...files].reduce((a, b) => (a < b ? a : b));
}

function idOf(object: Resource): ObjectId {
  return `${object.kind} ${keyOf(object)}`;
}

function objectsOf(
  content: FileContent,
  before: ReadonlyMap<ObjectId, Resource>,
): Map<ObjectId, Resource> {
  const now = new Map<ObjectId, Resource>();
  for (const object of content.objects) if (!now.has(idOf(object))) now.set(idOf(object), object);
  const stays = content.complete
    ? content.refused.map(({ kind, key }) => `${kind} ${key}`)
    : [...before.keys()];
  for (const id of stays) {
    const old = before.get(id);
    if (old !== undefined && !now.has(id)) now.set(id, old);
  }
  return now;
}

function twice(file: string, { objects }: FileContent): string[] {
  const seen = new Set<ObjectId>();
  return objects
    .map(idOf)
    .filter((id) => seen.size === seen.add(id).size)
    .map((id) => `${file}: ${id} is there twice, and the first one is used`);
}

/** As the API server of Kubernetes counts: up with each change that is not one of metadata or status. */
function withGeneration(object: Resource, before: Resource | undefined): Resource {
  const given = object.metadata.generation ?? 1;
  const last = before?.metadata.generation;
  const generation =
    last === undefined
      ? given
      : Math.max(given, sameData(wished(object), wished(before!)) ? last : last + 1);
  return { ...object, metadata: { ...object.metadata, generation } };
}

function wished(object: Resource): object {
  return { ...object, metadata: undefined, status: undefined };
}
