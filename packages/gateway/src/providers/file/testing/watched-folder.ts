import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { WatchedFiles } from "../watched-files.ts";

/** A folder of a test, and what is heard of files in it. */
export interface WatchedFolder {
  readonly folder: string;
  /** What is known of files by now; undefined for those that are gone. */
  readonly seen: Map<string, string | undefined>;
  /** Resolves when the files are as expected. */
  until(expected: Readonly<Record<string, string | undefined>>): Promise<void>;
  watch(...paths: string[]): WatchedFiles;
}

/** The folder goes with the test. */
export function watchedFolder(t: TestContext): WatchedFolder {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-files-"));
  const seen = new Map<string, string | undefined>();
  const waiting = new Set<() => void>();
  const watchers: WatchedFiles[] = [];
  t.after(() => {
    for (const watcher of watchers) watcher.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder,
    seen,
    watch(...paths) {
      const files = new WatchedFiles({
        paths: paths.map((path) => join(folder, path)),
        onChange(changes) {
          for (const [path, content] of changes)
            seen.set(
              path.slice(folder.length + 1),
              content === undefined ? undefined : Buffer.from(content).toString(),
            );
          for (const check of waiting) check();
        },
        onError: (path, message) => assert.fail(`${path}: ${message}`),
        debounceMs: 1,
      });
      watchers.push(files);
      return files;
    },
    until: (expected) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (
            !Object.entries(expected).every(
              ([name, text]) => seen.has(name) && seen.get(name) === text,
            )
          )
            return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
}
