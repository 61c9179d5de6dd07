import { objectKey } from "../resources/object.ts";
import { formatResourceProblem } from "../resources/problem.ts";
import type { ReadLimits } from "../resources/read/read-limits.ts";
import {
  readResources,
  type ReadResult,
  type ResourceSource,
} from "../resources/read/read-resources.ts";
import type { SourceContent } from "./provided-objects.ts";

/** What the text of a source holds, and what is wrong with it, a line each. */
export interface ReadSource {
  readonly content: SourceContent;
  readonly problems: readonly string[];
}

/** Reads the text of a source. Never throws because of it. */
export function readSource(source: ResourceSource, limits?: ReadLimits): ReadSource {
  const result = readResources(source, limits);
  return { content: contentOf([result]), problems: result.problems.map(formatResourceProblem) };
}

/** What the parts of a source hold together. */
export function contentOf(parts: readonly ReadResult[]): SourceContent {
  return {
    objects: parts.flatMap(({ resources }) => resources.map(({ resource }) => resource)),
    refused: parts.flatMap(({ refused }) =>
      refused.map(({ kind, namespace, name }) => ({
        kind,
        key: objectKey(namespace === "" ? undefined : namespace, name),
      })),
    ),
    complete: parts.every(({ complete }) => complete),
  };
}
