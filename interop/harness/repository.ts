import { existsSync } from "node:fs";
import { join } from "node:path";

/** The root of this repository. */
export const REPOSITORY: string = join(import.meta.dirname, "..", "..");

/** The launcher of Nuncio. */
export const NUNCIO: string = join(REPOSITORY, "bin", "nuncio.mjs");

/** Inputs that others wrote; they lie beside the repository and may be missing. */
export function sharedCases(name: string): string | null {
  const path = join(REPOSITORY, "..", "shared", "cases", name);
  return existsSync(path) ? path : null;
}
