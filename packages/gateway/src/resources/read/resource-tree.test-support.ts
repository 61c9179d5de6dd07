import { SourceText, SyntaxProblem, parseDocuments } from "@nuncio/api";
import type { MapNode } from "@nuncio/api";
import { newestApiVersion, resourceKind } from "../kinds.ts";
import type { Resource } from "../object.ts";
import { formatPath } from "../problem.ts";
import type { ResourceProblem } from "../problem.ts";
import { validateObject } from "../validate.ts";
import { offsetOf, plainValue } from "./plain-value.ts";
import { defaultReadLimits } from "./read-limits.ts";

/** What a tree holds. */
export interface ResourceTree {
  /** With those that no API server would take: cases of others have them, to reach what comes behind it. */
  readonly resources: readonly Resource[];
  readonly problems: readonly ResourceProblem[];
  /** `GRPCRoute default/a`: those of kinds that are not read. */
  readonly others: readonly string[];
}

/**
 * Reads a YAML document of lists of objects (`gateways: [...]`, `httpRoutes: [...]`): how cases of others are written.
 * Versions that are not served any more are taken for the newest one.
 */
export function readResourceTree(name: string, content: string): ResourceTree {
  const text = new SourceText(name, content);
  const tree = { resources: [], problems: [], others: [] };
  for (const { content: node } of parseDocuments(content, "yaml", defaultReadLimits)) {
    if (node instanceof SyntaxProblem) throw new Error(`${name}: ${node.message}`, { cause: node });
    if (node.kind !== "map") continue;
    for (const { value } of node.entries)
      if (value.kind === "list")
        for (const item of value.items) if (item.kind === "map") readItem(item, text, tree);
  }
  return tree;
}

interface OpenTree {
  readonly resources: Resource[];
  readonly problems: ResourceProblem[];
  readonly others: string[];
}

function readItem(node: MapNode, text: SourceText, tree: OpenTree): void {
  const object = plainValue(node, () => {}) as Record<string, unknown> & Resource;
  const [group = "", version = group] = object.apiVersion.split("/");
  const kind = resourceKind(version === group ? "" : group, object.kind);
  const { name, namespace } = object.metadata;
  if (kind === undefined) {
    tree.others.push(`${object.kind} ${namespace ?? "default"}/${name}`);
    return;
  }
  const served = kind.versions.find((each) => each === version) ?? kind.versions[0] ?? version;
  const { resource, findings } = validateObject(object, kind, served);
  for (const { path, message, atKey } of findings) {
    tree.problems.push({
      severity: "error",
      place: text.placeOf(offsetOf(node, path, atKey)),
      object: { group: kind.group, kind: kind.kind, namespace: namespace ?? "", name },
      path: formatPath(path),
      message,
    });
  }
  const asIs: Resource = {
    ...object,
    apiVersion: newestApiVersion(kind),
    metadata: { ...object.metadata, ...(kind.namespaced && { namespace: namespace ?? "default" }) },
  };
  tree.resources.push(resource ?? asIs);
}
