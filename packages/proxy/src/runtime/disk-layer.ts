import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { readYamlValue } from "@nuncio/api";
import { runtimeEntry } from "./entry.ts";
import type { RuntimeEntry, RuntimeValues } from "./model.ts";

/** How deep folders may nest, the first included. */
const DEPTH_MAX = 16;
/** Where no runtime is kept, and reading may never end. */
const FORBIDDEN = /^\/(?:dev|sys|proc)(?:\/|$)/;

/** What is on disk cannot be taken as a layer. */
export class DiskLayerError extends Error {
  override readonly name = "DiskLayerError";
}

/**
 * Reads the values of a folder: each file is one, its path below the folder, with dots between, the key. Null when there is
 * no such folder.
 * @throws DiskLayerError for what cannot be read; nothing of the folder counts then
 */
export function readDiskLayer(folder: string): RuntimeValues | null {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return null;
  const values = new Map<string, RuntimeEntry>();
  walk(folder, "", 1, values);
  return values;
}

function walk(
  folder: string,
  prefix: string,
  depth: number,
  values: Map<string, RuntimeEntry>,
): void {
  if (depth > DEPTH_MAX) throw new DiskLayerError(`Walk recursion depth exceeded ${DEPTH_MAX}`);
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    const key = prefix === "" ? entry.name : `${prefix}.${entry.name}`;
    const kind = kindOf(entry, path);
    if (kind === "folder") walk(path, key, depth + 1, values);
    else if (kind === "file") values.set(key, readValue(path));
  }
}

/** In the order of their names: of two ways to one key the last counts. */
function entriesOf(folder: string): Dirent[] {
  try {
    if (FORBIDDEN.test(realpathSync(folder))) throw new DiskLayerError(`Invalid path: ${folder}`);
    return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    );
  } catch (error) {
    throw asDiskLayerError(error, `unable to read directory: ${folder}`);
  }
}

/** Links count for what they lead to; one that leads nowhere is a file that cannot be read. */
function kindOf(entry: Dirent, path: string): "file" | "folder" | "other" {
  if (!entry.isSymbolicLink())
    return entry.isFile() ? "file" : entry.isDirectory() ? "folder" : "other";
  const target = statSync(path, { throwIfNoEntry: false });
  if (target === undefined || target.isFile()) return "file";
  return target.isDirectory() ? "folder" : "other";
}

function readValue(path: string): RuntimeEntry {
  let text: string;
  try {
    text = withoutComments(readFileSync(path, "utf8"));
  } catch (error) {
    throw asDiskLayerError(error, `unable to read file: ${path}`);
  }
  const read = readYamlValue(text);
  if ("error" in read) throw new DiskLayerError(`${path}: ${read.error}`);
  return runtimeEntry(read.value, text);
}

/** A line that begins with `#` is a comment: a file may say what it is for and have no value. */
function withoutComments(text: string): string {
  const lines = text.split("\n").filter((line) => line !== "");
  const kept = lines.filter((line) => !line.startsWith("#"));
  return kept.map((line) => (line === lines.at(-1) ? line.trimEnd() : `${line}\n`)).join("");
}

function asDiskLayerError(error: unknown, what: string): DiskLayerError {
  if (error instanceof DiskLayerError) return error;
  const { code } = error as NodeJS.ErrnoException;
  return new DiskLayerError(code === undefined ? what : `${what}: ${code}`, { cause: error });
}
