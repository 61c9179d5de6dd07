import type { RuntimeLoader } from "../runtime/loader.ts";
import type { RuntimeStatus } from "./admin/providers.ts";

/** The runtime as /runtime shows it. */
export function runtimeStatus({ layers }: RuntimeLoader): RuntimeStatus {
  const entries = new Map<string, string[]>();
  for (const [index, { values }] of layers.entries()) {
    for (const [key, { raw }] of values) {
      let row = entries.get(key);
      if (row === undefined) entries.set(key, (row = layers.map(() => "")));
      row[index] = raw;
    }
  }
  return { layers: layers.map(({ name }) => name), entries };
}
