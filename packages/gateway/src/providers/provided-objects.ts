import { sameData } from "../incremental/same-data.ts";
import type { KindName } from "../resources/kinds.ts";
import type { Resource } from "../resources/object.ts";
import type { ResourceStore } from "../resources/store.ts";
import { Arrivals } from "./arrivals.ts";
import {
  NO_OBJECTS,
  isAllRead,
  sourceChanges,
  type ObjectId,
  type SourceContent,
  type SourceObjects,
} from "./source-changes.ts";

/** The source of objects that give way to those of all others, without a word: it sorts behind all names. */
export const DEFAULTS = "\u{10ffff}";

/**
 * Which objects are in which sources of all providers, and what of that is in the store. An object that is in several
 * sources is taken from the first one by name.
 */
export class ProvidedObjects {
  readonly #store: ResourceStore;
  readonly #arrivals: Arrivals;
  readonly #sources = new Map<string, SourceObjects>();
  readonly #sourcesOf = new Map<ObjectId, Set<string>>();
  /** What is in several sources, without those that give way without a word. */
  readonly #shared = new Set<ObjectId>();

  constructor(store: ResourceStore, arrivals: Arrivals = new Arrivals()) {
    this.#store = store;
    this.#arrivals = arrivals;
  }

  /** All that came together was taken. */
  settled(): void {
    this.#arrivals.settled();
  }

  /**
   * Takes what a source has now; undefined: the source is gone. Costs the objects that differ, where each object of the
   * source is there once and none is refused, and otherwise all of them.
   *
   * @returns what is wrong between sources, a line each
   */
  update(source: string, content: SourceContent | undefined): string[] {
    const before = this.#sources.get(source) ?? NO_OBJECTS;
    const { gone, come, twice } = sourceChanges(before, content);
    const byId = before === NO_OBJECTS ? new Map<ObjectId, Resource>() : before.byId;
    for (const id of gone) {
      byId.delete(id);
      this.#leave(id, source);
    }
    for (const [id, object] of come) {
      byId.set(id, object);
      this.#join(id, source);
    }
    if (content === undefined) this.#sources.delete(source);
    else
      this.#sources.set(source, {
        objects: content.objects,
        byId,
        isPlain: isAllRead(content) && twice.length === 0,
      });
    for (const id of gone) this.#apply(id);
    for (const [id] of come) this.#apply(id);
    const repeated = twice.map(
      (id) => `${source}: ${id} is there twice, and the first one is used`,
    );
    return [...repeated, ...this.#sharedLines(source, byId)];
  }

  #sharedLines(source: string, byId: ReadonlyMap<ObjectId, Resource>): string[] {
    const lines: string[] = [];
    const ids = this.#shared.size < byId.size ? this.#shared : byId.keys();
    for (const id of ids) {
      if (!this.#shared.has(id) || !byId.has(id)) continue;
      const sources = this.#sourcesOf.get(id)!;
      const used = firstOf(sources);
      const others = [...sources].filter((one) => one !== source && one !== DEFAULTS);
      const passedOver = used === source ? others[0]! : source;
      lines.push(`${passedOver}: ${id} is in ${used} too, which is used`);
    }
    return lines;
  }

  #join(id: ObjectId, source: string): void {
    const sources = this.#sourcesOf.get(id) ?? new Set();
    this.#sourcesOf.set(id, sources.add(source));
    if (isShared(sources)) this.#shared.add(id);
  }

  #leave(id: ObjectId, source: string): void {
    const sources = this.#sourcesOf.get(id);
    if (sources?.delete(source) !== true) return;
    if (sources.size === 0) this.#sourcesOf.delete(id);
    if (!isShared(sources)) this.#shared.delete(id);
  }

  #apply(id: ObjectId): void {
    const sources = this.#sourcesOf.get(id);
    const [kind = "", key = ""] = id.split(" ", 2);
    const object = sources && this.#sources.get(firstOf(sources))?.byId.get(id);
    const before = this.#store.table(kind as KindName).peek(key);
    if (object === undefined) {
      if (before !== undefined) this.#arrivals.left(id, before);
      this.#store.remove(kind, key);
      return;
    }
    const arrival = this.#arrivals.of(id, object, before);
    this.#store.put(withCounts(object, before, arrival));
  }
}

function firstOf(sources: ReadonlySet<string>): string {
  return [...sources].reduce((a, b) => (a < b ? a : b));
}

function isShared(sources: ReadonlySet<string>): boolean {
  return sources.size > (sources.has(DEFAULTS) ? 2 : 1);
}

/** The generation as the API server of Kubernetes counts it: up with each change that is not one of metadata or status. */
function withCounts(
  object: Resource,
  before: Resource | undefined,
  arrival: string | undefined,
): Resource {
  const given = object.metadata.generation ?? 1;
  const last = before?.metadata.generation;
  const generation =
    last === undefined
      ? given
      : Math.max(given, sameData(wished(object), wished(before!)) ? last : last + 1);
  const counts = { generation, ...(arrival !== undefined && { arrival }) };
  return { ...object, metadata: { ...object.metadata, ...counts } };
}

function wished(object: Resource): object {
  return { ...object, metadata: undefined, status: undefined };
}
