import type { Message } from "@bufbuild/protobuf";
import type { Locator, Problems } from "@nuncio/api";

type Located = ReturnType<Locator["locate"]>;

/**
 * Where the files of a context's secrets are named. The configuration's own table of places is not kept; what is wrong with
 * a file that changes later is shown by this one.
 */
export class SourcePlaces implements Locator {
  readonly #places: Map<Message, Located> = new Map();

  /** Remembers a message that names a file. */
  add(source: Message, problems: Problems): void {
    this.#places.set(source, problems.locate(source));
  }

  /** Of a source that was added, or of a field that holds one; others are nowhere. */
  locate(message: Message, field = "", index?: number | string): Located {
    const { place, path } = this.#places.get(message) ?? NOWHERE;
    if (place !== null) return { place, path: field === "" ? path : `${path}.${field}` };
    const name = field.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const value = (message as unknown as Record<string, unknown>)[name];
    const source = Array.isArray(value) ? (value[index as number] as unknown) : value;
    return this.#places.get(source as Message) ?? { place: null, path: field };
  }
}

const NOWHERE: Located = { place: null, path: "" };
