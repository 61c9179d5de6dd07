// @ts-check
import module from "node:module";
import { fileURLToPath } from "node:url";

/**
 * Keeps compiled code, stripped of its types, between runs: a start from the sources takes half the time. The folder is the
 * installation's own, since whoever can write into it decides what runs. NODE_COMPILE_CACHE overrides it, and
 * NODE_DISABLE_COMPILE_CACHE=1 turns it off.
 */
export function useCompileCache() {
  const folder = fileURLToPath(new URL("../../../node_modules/.cache/nuncio", import.meta.url));
  // Workers and child processes read the variable; this process was started without it.
  process.env["NODE_COMPILE_CACHE"] ??= folder;
  module.enableCompileCache?.(process.env["NODE_COMPILE_CACHE"]);
}
