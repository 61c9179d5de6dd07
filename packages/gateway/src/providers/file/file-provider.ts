import { relative } from "node:path";
import type { ReadLimits } from "../../resources/read/read-limits.ts";
import type { ResourceSource } from "../../resources/read/read-resources.ts";
import type { Provider, ProviderSink } from "../provider.ts";
import { FileReader } from "./file-reader.ts";
import { WatchedFiles, type FileChanges } from "./watched-files.ts";

export interface FileProviderOptions {
  /** Files, and folders with all below them. */
  readonly paths: readonly string[];
  /** Texts that are no files, and stay as they are. */
  readonly texts?: readonly ResourceSource[];
  readonly debounceMs?: number;
  readonly limits?: ReadLimits;
}

/** Takes objects of Gateway API from files, and follows them. What cannot be read leaves what was there before. */
export class FileProvider implements Provider {
  readonly name: string = "files";
  readonly #options: FileProviderOptions;
  readonly #reader: FileReader;
  #files: WatchedFiles | undefined;

  constructor(options: FileProviderOptions) {
    this.#options = options;
    this.#reader = new FileReader(options.limits);
  }

  /** @throws when a path is not there */
  async start(sink: ProviderSink): Promise<void> {
    const { paths, texts = [], debounceMs } = this.#options;
    for (const text of texts) this.#read(text, sink);
    this.#files = new WatchedFiles({
      paths,
      onChange: (changes) => this.#changed(changes, sink),
      onError: (path, message) => sink.problems(path, [`${path}: ${message}`]),
      ...(debounceMs === undefined ? {} : { debounceMs }),
    });
  }

  async close(): Promise<void> {
    this.#files?.close();
  }

  #changed(changes: FileChanges, sink: ProviderSink): void {
    for (const [path, content] of changes) {
      const name = relative("", path);
      if (content !== undefined) {
        this.#read({ name, content }, sink);
        continue;
      }
      this.#reader.forget(name);
      sink.update(name, undefined);
    }
    sink.changed();
  }

  #read(source: ResourceSource, sink: ProviderSink): void {
    const { content, problems } = this.#reader.read(source);
    sink.update(source.name, content, problems);
  }
}
