import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** One text file of the repository. */
export interface SourceFile {
  /** Relative to the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** What a rule of tidy found. */
export interface Finding {
  readonly rule: string;
  readonly path: string;
  /** From 1; 0 for the file as a whole. */
  readonly line: number;
  readonly message: string;
}

const SKIPPED_FOLDERS: ReadonlySet<string> = new Set([
  ".git",
  "node_modules",
  "dist",
  "release",
  "gen",
  "fixtures",
  ".bench",
  ".interop",
]);
const TEXT =
  /(^|\/)(LICENSE|NOTICE|run|install|update|\.npmrc|\.gitignore)$|\.(ts|mjs|js|json|md|yaml|yml|sh|go)$/;

/** Every text file below `root` that people write, in order of path. */
export function readRepository(root: string): SourceFile[] {
  const files: SourceFile[] = [];
  walk(root, "", files);
  return files;
}

function walk(root: string, folder: string, files: SourceFile[]): void {
  const entries = readdirSync(path.join(root, folder), { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!SKIPPED_FOLDERS.has(entry.name)) walk(root, name, files);
    } else if (entry.isFile() && TEXT.test(name)) {
      files.push({ path: name, text: readFileSync(path.join(root, name), "utf8") });
    }
  }
}

/** Calls `visit` with every line of `file` and its number. */
export function eachLine(file: SourceFile, visit: (line: string, number: number) => void): void {
  let number = 0;
  for (const line of file.text.split("\n")) visit(line, ++number);
}
