import { lstatSync, statSync, type Stats } from "node:fs";

/** What a folder has at this path, a link for itself; undefined for nothing that can be looked at. */
export function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** What a path leads to, through all links; undefined for nothing that can be looked at. */
export function targetAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
