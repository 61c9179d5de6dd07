import { relative } from "node:path";
import { WatchedFiles } from "../providers/file/watched-files.ts";
import type { ResourceSource } from "../resources/read/read-resources.ts";

/** Files with resources, as they are now. */
export interface FilesRead {
  /** Sorted by name. */
  readonly sources: readonly ResourceSource[];
  /** Files that could not be read, a line each. */
  readonly problems: readonly string[];
}

/**
 * Reads files, and folders with all below them, once: the files that a gateway would follow.
 *
 * @throws when a path is not there
 */
export function readFiles(paths: readonly string[]): FilesRead {
  const sources: ResourceSource[] = [];
  const problems: string[] = [];
  const files = new WatchedFiles({
    paths,
    onChange: (changes) => {
      for (const [path, content] of changes)
        if (content !== undefined) sources.push({ name: relative("", path), content });
    },
    onError: (path, message) => problems.push(`${path}: ${message}`),
  });
  files.close();
  return { sources: sources.toSorted((a, b) => (a.name < b.name ? -1 : 1)), problems };
}
