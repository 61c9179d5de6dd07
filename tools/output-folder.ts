import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";

/**
 * Where a tool writes: the folder that the command line names, which has to be empty or not there yet, or else `own`, which
 * is emptied. Ends the process when there is something that would be lost.
 */
export function outputFolder(own: string): string {
  const given = process.argv[2];
  if (given === undefined) {
    rmSync(own, { recursive: true, force: true });
    return own;
  }
  const folder = path.resolve(given);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    console.error(`${folder}: expected an empty folder, or one that is not there yet`);
    process.exit(1);
  }
  return folder;
}
