import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { RESOURCE_KINDS } from "../../resources/kinds.ts";
import type { ObjectStatus } from "../../status/object-status.ts";
import { writeStatus, type WrittenStatus } from "../../status/written-status.ts";

export interface StatusFileOptions {
  readonly path: string;
  /** What changes within this time is written together; 500 unless given. */
  readonly delayMs?: number;
  /** Now, as milliseconds since 1970. */
  readonly now?: () => number;
  readonly onError: (message: string) => void;
}

/** An object with its status and nothing else of it. */
interface Item {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly namespace?: string; readonly name: string };
  readonly status: WrittenStatus;
}

const DELAY_MS = 500;

/**
 * The statuses of all objects in one file, a `List` of Kubernetes in JSON, which is YAML too. The file is exchanged as a whole.
 * Conditions keep their times over a restart.
 */
export class StatusFile {
  readonly #options: StatusFileOptions;
  readonly #items = new Map<string, Item>();
  /** What the file had before the start. */
  readonly #before: ReadonlyMap<string, WrittenStatus>;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StatusFileOptions) {
    this.#options = options;
    this.#before = readBefore(options.path);
  }

  /** By `<kind>/<key>`; undefined for objects that are gone. */
  update(changed: ReadonlyMap<string, ObjectStatus | undefined>): void {
    for (const [id, status] of changed) {
      if (status === undefined) this.#items.delete(id);
      else this.#items.set(id, this.#item(id, status));
    }
    this.#timer ??= setTimeout(() => this.#write(), this.#options.delayMs ?? DELAY_MS);
  }

  /** Writes what waits. */
  close(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#write();
  }

  #item(id: string, { kind, key, status }: ObjectStatus): Item {
    const now = new Date((this.#options.now ?? Date.now)()).toISOString();
    const [namespace, name = ""] = key.includes("/") ? key.split("/", 2) : [undefined, key];
    const before = this.#items.get(id)?.status ?? this.#before.get(id);
    return {
      apiVersion: apiVersionOf(kind),
      kind,
      metadata: { ...(namespace === undefined ? {} : { namespace }), name },
      status: writeStatus(status, before, now.replace(/\.\d+Z$/, "Z")),
    };
  }

  #write(): void {
    this.#timer = undefined;
    const { path, onError } = this.#options;
    const items = Array.from(this.#items, ([id, item]) => ({ id, item }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ item }) => item);
    const text = JSON.stringify({ apiVersion: "v1", kind: "List", items }, null, 1);
    try {
      writeFileSync(`${path}.new`, `${text}\n`);
      renameSync(`${path}.new`, path);
    } catch (error) {
      onError(`${path}: ${(error as Error).message}`);
    }
  }
}

function apiVersionOf(kind: string): string {
  const found = RESOURCE_KINDS.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`no kind named ${kind}`);
  const [version] = found.versions;
  return found.group === "" ? version : `${found.group}/${version}`;
}

/** Nothing where there is no such file, or another one of this name: its times are lost, and no more. */
function readBefore(path: string): ReadonlyMap<string, WrittenStatus> {
  try {
    const { items } = JSON.parse(readFileSync(path, "utf8")) as { items: readonly Item[] };
    return new Map(
      items.map(({ kind, metadata: { namespace, name }, status }) => [
        [kind, namespace, name].filter((part) => part !== undefined).join("/"),
        status,
      ]),
    );
  } catch {
    return new Map();
  }
}
