import { readFileSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** A file's content as a byte string, up to date. */
export interface WatchedFile {
  readonly content: string;
}

/**
 * The content of a file, read again whenever it is written; with a `directory`, also when something is moved there
 * (how secrets and config maps are replaced). One watch per file and thread: formats come and go and share it.
 */
export function watchedFile(path: string, directory: string): WatchedFile {
  const key = `${path}\n${directory}`;
  let file = files.get(key);
  if (file === undefined) {
    file = { content: "" };
    files.set(key, file);
    read(path, file);
    follow(path, directory, file);
  }
  return file;
}

const files = new Map<string, { content: string }>();

function follow(path: string, directory: string, file: { content: string }): void {
  onEvent(dirname(path), (event, name) => {
    if (event === "change" && name === basename(path)) read(path, file);
  });
  if (directory === "") return;
  onEvent(directory, (event) => {
    if (event === "rename") read(path, file);
  });
}

/** Without a watch (the system allows so many) the content stays what it was. */
function onEvent(directory: string, callback: (event: string, name: string | null) => void): void {
  try {
    watch(directory, callback)
      .on("error", () => undefined)
      .unref();
  } catch {
    return;
  }
}

/** What cannot be read now, in the middle of a replacement, leaves the content as it was. */
function read(path: string, file: { content: string }): void {
  try {
    file.content = readFileSync(path, "latin1");
  } catch {
    return;
  }
}
