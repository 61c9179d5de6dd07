import { sameData } from "../incremental/same-data.ts";
import type { KindName } from "../resources/kinds.ts";
import { keyOf, type Resource } from "../resources/object.ts";
import type { ResourceStore } from "../resources/store.ts";

/** What was read of a source: a file, or a key of a store. */
export interface SourceContent {
  readonly objects: readonly Resource[];
  /** Objects of the source that were refused: what they were before stays. */
  readonly refused: readonly { readonly kind: string; readonly key: string }[];
  /** False when part of the source could not be read: whatever was in it before may still be. */
  readonly complete: boolean;
}

/** The source of objects that give way to those of all others, without a word: it sorts behind all names. */
export const DEFAULTS = "\u{10ffff}";

/** `HTTPRoute default/a` */
type ObjectId = string;

/**
 * Which objects are in which sources of all providers, and what of that is in the store. An object that is in several
 * sources is taken from the first one by name.
 */
export class ProvidedObjects {
  readonly #store: ResourceStore;
  readonly #sources = new Map<string, Map<ObjectId, Resource>>();
  readonly #sourcesOf = new Map<ObjectId, Set<string>>();

  constructor(store: ResourceStore) {
    this.#store = store;
  }

  /**
   * Takes what a source has now; undefined: the source is gone. Costs the objects of this source.
   *
   * @returns what is wrong between sources, a line each
   */
  update(source: string, content: SourceContent | undefined): string[] {
    const before = this.#sources.get(source) ?? new Map<ObjectId, Resource>();
    const problems: string[] = [];
    const now = content === undefined ? new Map<ObjectId, Resource>() : objectsOf(content, before);
    if (content !== undefined && now.size < content.objects.length)
      problems.push(...twice(source, content));
    if (content === undefined) this.#sources.delete(source);
    else this.#sources.set(source, now);
    for (const id of before.keys()) if (!now.has(id)) this.#leave(id, source);
    for (const id of now.keys()) {
      const others = this.#join(id, source);
      if (others !== undefined)
        problems.push(`${others.passedOver}: ${id} is in ${others.used} too, which is used`);
    }
    for (const id of before.keys()) if (!now.has(id)) this.#apply(id);
    // What is the same object was read before, and is not compared again.
    for (const [id, object] of now) if (before.get(id) !== object) this.#apply(id);
    return problems;
  }

  #join(id: ObjectId, source: string): { used: string; passedOver: string } | undefined {
    const sources = this.#sourcesOf.get(id) ?? new Set();
    this.#sourcesOf.set(id, sources.add(source));
    if (sources.size === 1) return undefined;
    const used = firstOf(sources);
    const passedOver = used === source ? [...sources].find((other) => other !== source)! : source;
    return passedOver === DEFAULTS ? undefined : { used, passedOver };
  }

  #leave(id: ObjectId, source: string): void {
    const sources = this.#sourcesOf.get(id);
    if (sources?.delete(source) === true && sources.size === 0) this.#sourcesOf.delete(id);
  }

  #apply(id: ObjectId): void {
    const sources = this.#sourcesOf.get(id);
    const [kind = "", key = ""] = id.split(" ", 2);
    const object = sources && this.#sources.get(firstOf(sources))?.get(id);
    if (object === undefined) this.#store.remove(kind, key);
    else this.#store.put(withGeneration(object, this.#store.table(kind as KindName).peek(key)));
  }
}

function firstOf(sources: ReadonlySet<string>): string {
  return [...sources].reduce((a, b) => (a < b ? a : b));
}

function idOf(object: Resource): ObjectId {
  return `${object.kind} ${keyOf(object)}`;
}

function objectsOf(
  content: SourceContent,
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

function twice(source: string, { objects }: SourceContent): string[] {
  const seen = new Set<ObjectId>();
  return objects
    .map(idOf)
    .filter((id) => seen.size === seen.add(id).size)
    .map((id) => `${source}: ${id} is there twice, and the first one is used`);
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
