import type { Resource } from "../resources/object.ts";
import type { ObjectId } from "./source-changes.ts";

/** When objects came that say nothing of their age, by `<kind>/<key>`; undefined: they were there at the first start. */
export type KnownArrivals = ReadonlyMap<string, string | undefined>;

interface ArrivalsOptions {
  /** What was noted before this start; undefined: nothing was. */
  readonly known?: KnownArrivals | undefined;
  /** Now, as milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

/**
 * Says of objects that have no age of their own, which those of files do not have, when they came: so that one that is added takes
 * nothing from one that serves, whatever their names are.
 */
export class Arrivals {
  readonly #known: KnownArrivals | undefined;
  readonly #now: () => number;
  /** Of those that went with the changes that are being taken: they may be in another file now. */
  readonly #gone = new Map<ObjectId, string | undefined>();
  #hasStarted = false;
  /** Of those that come with the changes that are being taken: none of them is older than another. */
  #time: string | undefined;

  constructor({ known, now = Date.now }: ArrivalsOptions = {}) {
    this.#known = known;
    this.#now = now;
  }

  /** Changes that came together are taken; the first time all that there is. */
  settled(): void {
    this.#hasStarted = true;
    this.#gone.clear();
    this.#time = undefined;
  }

  /** RFC 3339; undefined: it was there at the start, or says its age itself. `before` is what is replaced. */
  of(id: ObjectId, { metadata }: Resource, before: Resource | undefined): string | undefined {
    if (metadata.creationTimestamp !== undefined || metadata.createRevision !== undefined)
      return undefined;
    if (before !== undefined) return before.metadata.arrival;
    if (this.#gone.has(id)) return this.#gone.get(id);
    if (this.#hasStarted) return this.#nowText();
    const name = id.replace(" ", "/");
    return this.#known === undefined || this.#known.has(name)
      ? this.#known?.get(name)
      : this.#nowText();
  }

  left(id: ObjectId, { metadata }: Resource): void {
    this.#gone.set(id, metadata.arrival);
  }

  #nowText(): string {
    return (this.#time ??= new Date(this.#now()).toISOString());
  }
}
