import { relative } from "node:path";
import { objectKey, type Resource } from "../../resources/object.ts";
import { formatResourceProblem } from "../../resources/problem.ts";
import { readResources, type ResourceSource } from "../../resources/read/read-resources.ts";
import type { ResourceStore } from "../../resources/store.ts";
import { FileObjects } from "./file-objects.ts";
import { WatchedFiles, type FileChanges } from "./watched-files.ts";

export interface FileProviderOptions {
  /** Files, and folders with all below them. */
  readonly paths: readonly string[];
  /** Texts that are no files, and stay as they are. */
  readonly texts?: readonly ResourceSource[];
  readonly store: ResourceStore;
  /** Are there unless a file has another one of that kind and name. */
  readonly defaults: readonly Resource[];
  /** Some objects may be others now. */
  readonly onChange: () => void;
  /** What is wrong with a file that was just read, a line each with its place: none when all is well again. */
  readonly onProblems: (file: string, problems: readonly string[]) => void;
  readonly debounceMs?: number;
}

/** Sorts behind all paths: whatever a file has goes before it. */
const DEFAULTS = "\u{10ffff}";

/** Takes objects of Gateway API from files, and follows them. What cannot be read leaves what was there before. */
export class FileProvider {
  readonly #options: FileProviderOptions;
  readonly #objects: FileObjects;
  readonly #files: WatchedFiles;

  /** @throws when a path is not there */
  constructor(options: FileProviderOptions) {
    this.#options = options;
    this.#objects = new FileObjects(options.store);
    this.#objects.update(DEFAULTS, { objects: options.defaults, refused: [], complete: true });
    for (const text of options.texts ?? []) this.#read(text);
    this.#files = new WatchedFiles({
      paths: options.paths,
      onChange: (changes) => this.#changed(changes),
      onError: (path, message) => options.onProblems(path, [`${path}: ${message}`]),
      ...(options.debounceMs === undefined ? {} : { debounceMs: options.debounceMs }),
    });
  }

  close(): void {
    this.#files.close();
  }

  #changed(changes: FileChanges): void {
    for (const [path, content] of changes) {
      const name = relative("", path);
      if (content === undefined) {
        this.#options.onProblems(name, this.#objects.update(name, undefined));
      } else {
        this.#read({ name, content });
      }
    }
    this.#options.onChange();
  }

  #read(source: ResourceSource): void {
    const { resources, refused, complete, problems } = readResources(source);
    const between = this.#objects.update(source.name, {
      objects: resources.map(({ resource }) => resource),
      refused: refused.map(({ kind, namespace, name }) => ({
        kind,
        key: objectKey(namespace === "" ? undefined : namespace, name),
      })),
      complete,
    });
    this.#options.onProblems(source.name, [...problems.map(formatResourceProblem), ...between]);
  }
}
