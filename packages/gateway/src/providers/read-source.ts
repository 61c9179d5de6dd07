import { objectKey } from "../resources/object.ts";
import { formatResourceProblem } from "../resources/problem.ts";
import type { ReadLimits } from "../resources/read/read-limits.ts";
import { readResources, type ResourceSource } from "../resources/read/read-resources.ts";
import type { SourceContent } from "./provided-objects.ts";

/** What the text of a source holds, and what is wrong with it, a line each. */
export interface ReadSource {
  readonly content: SourceContent;
  readonly problems: readonly string[];
}

/** Reads the text of a source. Never throws because of it. */
export function readSource(source: ResourceSource, limits?: ReadLimits): ReadSource {
  const { resources, refused, complete, problems } = readResources(source, limits);
  return {
    content: {
      objects: resources.map(({ resource }) => resource),
      refused: refused.map(({ kind, namespace, name }) => ({
        kind,
        key: objectKey(namespace === "" ? undefined : namespace, name),
      })),
      complete,
    },
    problems: problems.map(formatResourceProblem),
  };
}
