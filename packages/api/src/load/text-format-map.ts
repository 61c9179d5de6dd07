import type { MapEntry, TextNode } from "./text-node.ts";

/** The entries of a map in the text format, where each is a message of its own: `{ key: "a" value: 1 }`. */
export function entriesOfTextFormat(node: TextNode): MapEntry[] | undefined {
  const items = node.kind === "list" ? node.items : [node];
  const nothing = { kind: "scalar", value: null, text: "", quoted: false } as const;
  const entries: MapEntry[] = [];
  for (const item of items) {
    if (item.kind !== "map" || item.entries.some(({ key }) => key !== "key" && key !== "value"))
      return undefined;
    const key = item.entries.find((entry) => entry.key === "key")?.value ?? {
      ...nothing,
      at: item.at,
    };
    const value = item.entries.find((entry) => entry.key === "value")?.value ?? {
      ...nothing,
      at: item.at,
    };
    if (key.kind !== "scalar") return undefined;
    entries.push({ key: key.text, keyAt: key.at, value });
  }
  return entries;
}
