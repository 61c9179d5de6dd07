import { log } from "../observe/log/log.ts";
import type { StatsStore } from "../observe/stats/store.ts";
import type { RuntimeLoader } from "../runtime/loader.ts";
import { RuntimeCounts } from "../runtime/runtime-counts.ts";
import type { ToWorker } from "../worker/messages.ts";
import { RuntimeFolders } from "./runtime-folders.ts";

/** The runtime of a proxy that runs: its folders are followed, workers hear of changes, and stats count them. */
export class LiveRuntime {
  readonly loader: RuntimeLoader;
  readonly #folders: RuntimeFolders;

  /** `deprecatedFeatures`: how many are in use. */
  constructor(
    loader: RuntimeLoader,
    deprecatedFeatures: number,
    store: StatsStore,
    post: (message: ToWorker) => void,
  ) {
    this.loader = loader;
    this.#folders = new RuntimeFolders(loader);
    const counts = new RuntimeCounts(store, store.main);
    counts.deprecatedFeatures(deprecatedFeatures);
    loader.countInto(counts);
    loader.observe({
      onChange: (values) => post({ kind: "runtime", values }),
      warn: (text) => log.logger("runtime").warning(text),
    });
  }

  /** What a worker must hear before all else. */
  message(): ToWorker {
    return { kind: "runtime", values: this.loader.runtime.values };
  }

  /** Follows the folders from now on. */
  start(): void {
    this.#folders.watch();
  }

  close(): void {
    this.#folders.close();
  }
}
