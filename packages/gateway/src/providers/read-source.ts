import { objectKey, type Resource } from "../resources/object.ts";
import { formatResourceProblem } from "../resources/problem.ts";
import type { ReadLimits } from "../resources/read/read-limits.ts";
import {
  readResources,
  type ReadResult,
  type ResourceSource,
} from "../resources/read/read-resources.ts";
import type { SourceContent } from "./source-changes.ts";

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
  const objects: Resource[] = [];
  const refused: { kind: string; key: string }[] = [];
  for (const part of parts) {
    for (const { resource } of part.resources) objects.push(resource);
    for (const { kind, namespace, name } of part.refused)
      refused.push({ kind, key: objectKey(namespace === "" ? undefined : namespace, name) });
  }
  return { objects, refused, complete: parts.every(({ complete }) => complete) };
}
