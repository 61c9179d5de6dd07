import type { JsonObject } from "@bufbuild/protobuf";
import { readYamlValue } from "@nuncio/api";
import { DiskLayerError, readDiskLayer } from "./disk-layer.ts";
import { runtimeEntry } from "./entry.ts";
import type {
  RuntimeConfig,
  RuntimeLayerConfig,
  RuntimeLayerSource,
  RuntimeLayerTarget,
} from "./layer.ts";
import type { RuntimeEntry, RuntimeValues } from "./model.ts";
import type { LoadOutcome, RuntimeCounts } from "./runtime-counts.ts";
import { Runtime } from "./snapshot.ts";
import { structLayer } from "./struct-layer.ts";
import { unheededKeys } from "./unheeded-keys.ts";

/** A layer as it is now. */
export interface LoadedLayer {
  readonly kind: RuntimeLayerConfig["kind"];
  readonly name: string;
  readonly values: RuntimeValues;
}

/** What the loader tells, beside the values themselves. */
export interface RuntimeObserver {
  /** The runtime is another one. */
  onChange(values: RuntimeValues): void;
  warn(text: string): void;
}

/**
 * The runtime on main: reads the layers, puts them over each other, and does so anew when one of them changes. What all
 * layers say together is in `runtime`.
 */
export class RuntimeLoader {
  readonly runtime: Runtime = new Runtime();
  readonly config: RuntimeConfig;
  #observer: RuntimeObserver | null = null;
  /** Warnings that nobody has heard yet. */
  readonly #untold: string[] = [];
  #counts: RuntimeCounts | null = null;
  /** What nobody has counted yet. */
  readonly #uncounted: LoadOutcome[] = [];
  #layers: readonly LoadedLayer[] = [];
  readonly #admin = new Map<string, RuntimeEntry>();
  /** Keys without effect that were warned of. */
  readonly #warned = new Set<string>();
  /** By name of the layer. */
  readonly #fromSource = new Map<string, RuntimeValues>();

  /** Reads everything once. */
  constructor(config: RuntimeConfig) {
    this.config = config;
    this.reload();
  }

  /** As they were read, weakest first. */
  get layers(): readonly LoadedLayer[] {
    return this.#layers;
  }

  /** Tells of changes from now on, and of warnings of before as well. */
  observe(observer: RuntimeObserver): void {
    this.#observer = observer;
    for (const text of this.#untold.splice(0)) observer.warn(text);
  }

  /** Has the stats `runtime.*` follow from now on; what was read before this is counted, too. */
  countInto(counts: RuntimeCounts): void {
    this.#counts = counts;
    for (const outcome of this.#uncounted.splice(0)) {
      counts.loaded(outcome);
      // Envoy reads all layers twice when it starts.
      counts.loaded(outcome);
    }
  }

  /** Reads the layers, and what is on disk anew. */
  reload(): void {
    const layers: LoadedLayer[] = [];
    let onDisk = 0;
    let failed = false;
    for (const config of this.config.layers) {
      try {
        const values = this.#read(config);
        if (values === null) continue;
        layers.push({ kind: config.kind, name: config.name, values });
        if (config.kind === "disk") onDisk++;
      } catch (error) {
        if (!(error instanceof DiskLayerError)) throw error;
        failed = true;
        const text = `error loading runtime values for layer ${config.name} from disk: ${error.message}`;
        this.#warn(text);
      }
    }
    this.#layers = layers;
    this.#warnOfUnheeded();
    const values = merge(layers);
    this.runtime.swap(values);
    this.#count({ failed, onDisk, layers: layers.length, keys: values.size });
    this.#observer?.onChange(values);
  }

  /**
   * `/runtime_modify`: sets values of the admin layer; an empty one is taken away. Returns what is wrong, or null.
   */
  mergeAdmin(values: ReadonlyMap<string, string>): string | null {
    if (!this.config.layers.some(({ kind }) => kind === "admin")) return "No admin layer specified";
    for (const [key, text] of values) {
      this.#admin.delete(key);
      if (text === "") continue;
      const read = readYamlValue(text);
      if ("error" in read) return read.error;
      this.#admin.set(key, runtimeEntry(read.value, text));
    }
    this.#counts?.adminOverrides(this.#admin.size > 0);
    this.reload();
    return null;
  }

  /** Has a source keep the layers of RTDS up to date; they are empty until it does. */
  attach(source: RuntimeLayerSource): void {
    for (const layer of this.config.layers)
      if (layer.kind === "rtds") source.follow(layer, this.#target(layer.name));
  }

  /** Once for each key. Those of static layers are problems of the configuration. */
  #warnOfUnheeded(): void {
    for (const { kind, values } of this.#layers) {
      for (const [key, text] of unheededKeys(values)) {
        if (kind !== "static" && !this.#warned.has(key)) this.#warn(text);
        this.#warned.add(key);
      }
    }
  }

  #warn(text: string): void {
    if (this.#observer === null) this.#untold.push(text);
    else this.#observer.warn(text);
  }

  #count(outcome: LoadOutcome): void {
    if (this.#counts === null) this.#uncounted.push(outcome);
    else this.#counts.loaded(outcome);
  }

  #target(name: string): RuntimeLayerTarget {
    return {
      set: (layer: JsonObject) => {
        const values = structLayer(layer, (key) => {
          throw new RangeError(`Invalid runtime entry value for ${key}`);
        });
        this.#fromSource.set(name, values);
        this.reload();
      },
      remove: () => {
        this.#fromSource.delete(name);
        this.reload();
      },
    };
  }

  /** Null for a folder that is not there: the layer is none. */
  #read(layer: RuntimeLayerConfig): RuntimeValues | null {
    switch (layer.kind) {
      case "static":
        return layer.values;
      case "disk":
        return readDiskLayer(layer.folder);
      case "admin":
        return new Map(this.#admin);
      case "rtds":
        return this.#fromSource.get(layer.name) ?? new Map();
    }
  }
}

/** Later layers win. */
function merge(layers: readonly LoadedLayer[]): RuntimeValues {
  const merged = new Map<string, RuntimeEntry>();
  for (const { values } of layers) for (const [key, entry] of values) merged.set(key, entry);
  return merged;
}
