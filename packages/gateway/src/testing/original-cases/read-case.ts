import { readFileSync } from "node:fs";
import { NUNCIO_GROUP } from "../../resources/kinds.ts";
import type { Resource } from "../../resources/object.ts";
import { readResourceTree } from "../../resources/read/resource-tree.test-support.ts";
import { fixtures } from "./fixtures.ts";

/** The objects of a case of the original, with those that its runner adds. */
export function readOriginalCase(folder: URL, name: string): Resource[] {
  // A Backend is the same there but for its group.
  const input = readFileSync(new URL(`${name}.in.yaml`, folder), "utf8").replaceAll(
    /group: gateway\.envoyproxy\.io|apiVersion: gateway\.envoyproxy\.io/g,
    (found) => found.replace("gateway.envoyproxy.io", NUNCIO_GROUP),
  );
  return [...fixtures(), ...readResourceTree(name, input).resources];
}
