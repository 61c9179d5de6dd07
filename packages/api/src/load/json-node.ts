import type { TextNode } from "./text-node.ts";

/** The node of plain JSON that never was a text of its own; it has no place. */
export function nodeOfJson(value: unknown): TextNode {
  if (Array.isArray(value)) return { kind: "list", at: 0, items: value.map(nodeOfJson) };
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => ({
      key,
      keyAt: 0,
      value: nodeOfJson(item),
    }));
    return { kind: "map", at: 0, entries };
  }
  const scalar = value as string | number | boolean | null;
  return {
    kind: "scalar",
    at: 0,
    value: scalar,
    text: String(scalar),
    quoted: typeof scalar === "string",
  };
}
