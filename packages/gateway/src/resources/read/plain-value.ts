import type { MapNode, TextNode } from "@nuncio/api";
import { scalarValue } from "./scalar-value.ts";

/** Called for a key that is there twice. */
export type RepeatListener = (key: string, keyAt: number) => void;

/** The plain JSON of a node. Of a key that is there twice the first value counts. */
export function plainValue(node: TextNode, onRepeat: RepeatListener): unknown {
  switch (node.kind) {
    case "scalar":
      return scalarValue(node);
    case "list":
      return node.items.map((item) => plainValue(item, onRepeat));
    case "map":
      return plainObject(node, onRepeat);
  }
}

function plainObject(node: MapNode, onRepeat: RepeatListener): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const { key, keyAt, value } of node.entries) {
    if (Object.hasOwn(object, key)) {
      onRepeat(key, keyAt);
    } else if (key === "__proto__") {
      const own = { value: plainValue(value, onRepeat), writable: true, enumerable: true };
      Object.defineProperty(object, key, { ...own, configurable: true });
    } else {
      object[key] = plainValue(value, onRepeat);
    }
  }
  return object;
}

/**
 * The offset of a value in its document, or of its key; of what is not there, the nearest thing around it that is.
 */
export function offsetOf(
  root: TextNode,
  path: readonly (string | number)[],
  atKey: boolean,
): number {
  let node = root;
  let at = root.at;
  for (const [index, step] of path.entries()) {
    const child = childOf(node, step);
    if (child === undefined) return at;
    node = child.node;
    at = atKey && index === path.length - 1 ? child.keyAt : node.at;
  }
  return at;
}

function childOf(
  node: TextNode,
  step: string | number,
): { readonly node: TextNode; readonly keyAt: number } | undefined {
  if (node.kind === "list") {
    const item = typeof step === "number" ? node.items[step] : undefined;
    return item === undefined ? undefined : { node: item, keyAt: item.at };
  }
  if (node.kind === "scalar") return undefined;
  const entry = node.entries.find(({ key }) => key === step);
  return entry === undefined ? undefined : { node: entry.value, keyAt: entry.keyAt };
}
