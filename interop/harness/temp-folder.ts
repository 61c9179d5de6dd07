import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made = new Set<string>();
let hooked = false;

/** Makes a folder of its own for a run. It goes with `removeTempFolder`, or at the latest with this process. */
export function makeTempFolder(prefix: string): string {
  if (!hooked) process.once("exit", removeAll);
  hooked = true;
  const folder = mkdtempSync(join(tmpdir(), `${prefix}-`));
  made.add(folder);
  return folder;
}

export function removeTempFolder(folder: string): void {
  made.delete(folder);
  rmSync(folder, { recursive: true, force: true });
}

function removeAll(): void {
  for (const folder of made) removeTempFolder(folder);
}
