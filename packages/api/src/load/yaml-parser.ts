import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml";
import type { Node } from "yaml";
import { SyntaxProblem } from "./text-node.ts";
import type { LoadLimits, TextNode } from "./text-node.ts";
import { plainScalar } from "./yaml-scalar.ts";

export function parseYaml(text: string, _limits: LoadLimits): TextNode {
  const document = parseDocument(text, { schema: "failsafe", uniqueKeys: false, lineCounter: new LineCounter(), prettyErrors: false });
  const error = document.errors[0];
  if (error !== undefined) throw new SyntaxProblem(error.pos[0], error.message);
  const convert = (node: Node | null | undefined): TextNode => {
    if (node === null || node === undefined) return plainScalar("", 0);
    const at = node.range?.[0] ?? 0;
    if (isAlias(node)) return convert(node.resolve(document));
    if (isMap(node)) {
      return { kind: "map", at, entries: node.items.filter((pair) => (pair.key as Node & {tag?: string}).tag !== "!ignore").map((pair) => ({ key: String(pair.key), keyAt: (pair.key as Node).range?.[0] ?? 0, value: convert(pair.value as Node) })) };
    }
    if (isSeq(node)) return { kind: "list", at, items: node.items.map((item) => convert(item as Node)) };
    if (!isScalar(node)) throw new SyntaxProblem(at, "unexpected");
    const value = String(node.value);
    if (node.type === "PLAIN") return plainScalar(value, at);
    return { kind: "scalar", at, value, text: value, quoted: true };
  };
  return convert(document.contents);
}
