import { realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { RuntimeLoader } from "../runtime/loader.ts";
import { FileWatcher } from "./secrets/file-watcher.ts";

/**
 * Has the runtime read anew when the root of a disk layer is replaced by another one: a link by a rename, as is meant to
 * be, or the folder itself. What is written into the folder in place is not looked at, as in Envoy.
 */
export class RuntimeFolders {
  readonly #loader: RuntimeLoader;
  /** Of each layer on disk. */
  readonly #roots: readonly string[];
  readonly #watcher: FileWatcher;
  /** What each root was when it was last there. */
  readonly #seen = new Map<string, string>();

  constructor(loader: RuntimeLoader) {
    this.#loader = loader;
    this.#roots = loader.config.layers.flatMap((layer) =>
      layer.kind === "disk" ? [resolve(layer.symlinkRoot)] : [],
    );
    this.#watcher = new FileWatcher(() => this.#check());
    this.#remember();
  }

  watch(): void {
    if (this.#roots.length > 0) this.#watcher.watch(this.#roots);
  }

  close(): void {
    this.#watcher.close();
  }

  /** Once for each layer, as Envoy counts it. */
  #check(): void {
    const changed = this.#remember();
    for (const root of this.#roots) if (changed.has(root)) this.#loader.reload();
  }

  /** Those that are other ones now. One that is gone is not: it is on its way. */
  #remember(): ReadonlySet<string> {
    const changed = new Set<string>();
    for (const root of new Set(this.#roots)) {
      const identity = identityOf(root);
      if (identity === null || this.#seen.get(root) === identity) continue;
      this.#seen.set(root, identity);
      changed.add(root);
    }
    return changed;
  }
}

function identityOf(path: string): string | null {
  try {
    const { dev, ino } = statSync(path);
    return `${realpathSync(path)} ${dev}:${ino}`;
  } catch {
    return null;
  }
}
