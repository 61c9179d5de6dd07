import { newestApiVersion, RESOURCE_KINDS } from "../resources/kinds.ts";
import type { ObjectStatus } from "./object-status.ts";
import { writeStatus, type WrittenStatus } from "./written-status.ts";

/** An object with its status and nothing else of it. */
interface StatusItem {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly namespace?: string;
    readonly name: string;
    /** When it came, where it does not say so itself. */
    readonly creationTimestamp?: string;
  };
  readonly status: WrittenStatus;
}

interface KeptItem {
  readonly item: StatusItem;
  /** As JSON, once somebody asked: of all objects few change at once. */
  text: string | undefined;
}

/** What was said of an object, and when it came. */
interface StatusBefore {
  readonly status: WrittenStatus;
  readonly arrival: string | undefined;
}

/** By `<kind>/<key>`. */
export type StatusesBefore = ReadonlyMap<string, StatusBefore>;

interface StatusListOptions {
  /** What was said before the start: conditions keep their times. */
  readonly before?: StatusesBefore;
  /** When an object came that does not say so itself; undefined: nobody knows. */
  readonly arrivalOf?: ((kind: string, key: string) => string | undefined) | undefined;
  /** Now, as milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

/** The statuses of all objects, with the times of their conditions. */
export class StatusList {
  readonly #items = new Map<string, KeptItem>();
  /** Of all items; undefined: to be sorted anew. */
  #ids: readonly string[] | undefined;
  readonly #before: StatusesBefore;
  readonly #arrivalOf: (kind: string, key: string) => string | undefined;
  readonly #now: () => number;

  constructor(options: StatusListOptions = {}) {
    const { before = new Map(), arrivalOf = () => undefined, now = Date.now } = options;
    this.#before = before;
    this.#arrivalOf = arrivalOf;
    this.#now = now;
  }

  /** By `<kind>/<key>`; undefined for objects that are gone. */
  update(changed: ReadonlyMap<string, ObjectStatus | undefined>): void {
    for (const [id, status] of changed) {
      if (status === undefined || !this.#items.has(id)) this.#ids = undefined;
      if (status === undefined) this.#items.delete(id);
      else this.#items.set(id, { item: this.#item(id, status), text: undefined });
    }
  }

  /** A `List` of Kubernetes in JSON, which is YAML too; a line for each object, sorted by kind and key. */
  toText(): string {
    this.#ids ??= [...this.#items.keys()].toSorted();
    const texts = this.#ids.map((id) => {
      const kept = this.#items.get(id)!;
      return (kept.text ??= JSON.stringify(kept.item));
    });
    return `{"apiVersion":"v1","kind":"List","items":[\n${texts.join(",\n")}\n]}\n`;
  }

  #item(id: string, { kind, key, status }: ObjectStatus): StatusItem {
    const now = new Date(this.#now()).toISOString();
    const [namespace, name = ""] = key.includes("/") ? key.split("/", 2) : [undefined, key];
    const before = this.#items.get(id)?.item.status ?? this.#before.get(id)?.status;
    const arrival = this.#arrivalOf(kind, key);
    return {
      apiVersion: apiVersionOf(kind),
      kind,
      metadata: {
        ...(namespace === undefined ? {} : { namespace }),
        name,
        ...(arrival === undefined ? {} : { creationTimestamp: arrival }),
      },
      status: writeStatus(status, before, now.replace(/\.\d+Z$/, "Z")),
    };
  }
}

/** What a text of a list says, by `<kind>/<key>`. @throws when it is none */
export function readStatusList(text: string): StatusesBefore {
  const { items } = JSON.parse(text) as { items: readonly StatusItem[] };
  return new Map(
    items.map(({ kind, metadata: { namespace, name, creationTimestamp: arrival }, status }) => [
      [kind, namespace, name].filter((part) => part !== undefined).join("/"),
      { status, arrival },
    ]),
  );
}

function apiVersionOf(kind: string): string {
  const found = RESOURCE_KINDS.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`no kind named ${kind}`);
  return newestApiVersion(found);
}
