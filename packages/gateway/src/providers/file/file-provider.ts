import { relative } from "node:path";
import type { ReadLimits } from "../../resources/read/read-limits.ts";
import type { ResourceSource } from "../../resources/read/read-resources.ts";
import type { Provider, ProviderSink } from "../provider.ts";
import { FileReader } from "./file-reader.ts";
import { UnfinishedFiles, looksUnfinished } from "./unfinished-files.ts";
import { WatchedFiles, type FileChanges } from "./watched-files.ts";

export interface FileProviderOptions {
  /** Files, and folders with all below them. */
  readonly paths: readonly string[];
  /** Texts that are no files, and stay as they are. */
  readonly texts?: readonly ResourceSource[];
  readonly debounceMs?: number;
  /** A file that looks unfinished is left alone until it has not changed for so long; 1000 unless given. */
  readonly unfinishedMs?: number;
  readonly limits?: ReadLimits;
}

const UNFINISHED_MS = 1_000;
const NOTHING = { objects: [], refused: [], complete: false };

/** Takes objects of Gateway API from files, and follows them. What cannot be read leaves what was there before. */
export class FileProvider implements Provider {
  readonly name: string = "files";
  readonly #options: FileProviderOptions;
  readonly #reader: FileReader;
  readonly #unfinished: UnfinishedFiles;
  /** Files that have been read, and are there. */
  readonly #known = new Set<string>();
  #files: WatchedFiles | undefined;

  constructor(options: FileProviderOptions) {
    this.#options = options;
    this.#reader = new FileReader(options.limits);
    this.#unfinished = new UnfinishedFiles(options.unfinishedMs ?? UNFINISHED_MS);
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
    this.#unfinished.close();
    this.#files?.close();
  }

  #changed(changes: FileChanges, sink: ProviderSink): void {
    let taken = 0;
    for (const [path, content] of changes) {
      const name = relative("", path);
      this.#unfinished.heardOf(name);
      if (content !== undefined && this.#known.has(name) && looksUnfinished(name, content)) {
        // The reader has what was taken before, and compares what comes next with it.
        this.#files?.passOver(path);
        this.#unfinished.wait(name, () => {
          // What was passed over is read over the next time, so the reader gets bytes of its own.
          this.#take(name, Buffer.from(content), sink);
          sink.changed();
        });
        continue;
      }
      this.#take(name, content, sink);
      taken += 1;
    }
    if (taken > 0) sink.changed();
  }

  #take(name: string, content: Uint8Array | undefined, sink: ProviderSink): void {
    if (content === undefined) {
      this.#known.delete(name);
      this.#reader.forget(name);
      sink.update(name, undefined);
      return;
    }
    const isEmptied = content.length === 0 && this.#known.has(name);
    this.#known.add(name);
    if (!isEmptied) {
      this.#read({ name, content }, sink);
      return;
    }
    this.#reader.forget(name);
    const why = "the file is empty: what was in it stays until something is, or the file is gone";
    sink.update(name, NOTHING, [`${name}: ${why}`]);
  }

  #read(source: ResourceSource, sink: ProviderSink): void {
    const { content, problems } = this.#reader.read(source);
    sink.update(source.name, content, problems);
  }
}
