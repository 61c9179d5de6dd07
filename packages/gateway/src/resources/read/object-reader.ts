import { quote } from "@nuncio/api";
import type { MapNode, SourceText, TextNode } from "@nuncio/api";
import type { FieldPath, ObjectName } from "../problem.ts";
import { describeValue } from "../schema/report.ts";
import { validateObject } from "../validate.ts";
import { FileProblems } from "./file-problems.ts";
import { nameOf, versionOf } from "./object-version.ts";
import { offsetOf, plainValue } from "./plain-value.ts";
import type { ReadLimits } from "./read-limits.ts";
import type { ReadResource, ReadResult } from "./read-resources.ts";

/** Turns the documents of one file into resources and problems. */
export class ObjectReader {
  readonly #text: SourceText;
  readonly #format: "yaml" | "json";
  readonly #limits: ReadLimits;
  readonly #resources: ReadResource[] = [];
  readonly #problems: FileProblems;
  readonly #refused: ObjectName[] = [];
  #complete = true;

  constructor(text: SourceText, format: "yaml" | "json", limits: ReadLimits) {
    this.#text = text;
    this.#format = format;
    this.#limits = limits;
    this.#problems = new FileProblems(text, limits.problemsPerFileMax);
  }

  result(): ReadResult {
    return {
      resources: this.#resources,
      problems: this.#problems.list,
      refused: this.#refused,
      complete: this.#complete,
    };
  }

  /** A part of the file cannot be read. @param at offset in the text */
  unreadable(at: number, message: string): void {
    this.#complete = false;
    this.#problems.add("error", () => at, null, [], message);
  }

  /**
   * Reads a document, or a part of it: an object, or a list of them.
   * @param start offset of the document in the text
   * @param within where the node is in its document
   */
  read(node: TextNode, start: number, within: FieldPath = []): void {
    if (node.kind !== "map") {
      if (node.kind === "scalar" && node.value === null) return;
      const message = `expected an object of Kubernetes, got ${describeValue(plainValue(node, () => {}))}`;
      this.unreadable(start + node.at, message);
      return;
    }
    const items = itemsOf(node);
    if (items === undefined) this.#readObject(node, start, within);
    else
      for (const [index, item] of items.entries())
        this.read(item, start, [...within, "items", index]);
  }

  #readObject(node: MapNode, start: number, within: FieldPath): void {
    const repeats: { key: string; keyAt: number }[] = [];
    const fields = plainValue(node, (key, keyAt) => repeats.push({ key, keyAt }));
    const object = fields as Record<string, unknown>;
    const name = nameOf(object);
    const problems = this.#problems;
    const at = (path: FieldPath, atKey: boolean) => (): number =>
      start + offsetOf(node, path, atKey);
    const known = versionOf(object, name);
    if ("message" in known) {
      const path = [known.field];
      problems.add(known.severity, at(path, false), name, path, known.message);
      if (known.severity === "error") this.#refused.push(name);
      return;
    }
    for (const { key, keyAt } of repeats)
      problems.add("error", () => start + keyAt, name, [], `key ${quote(key)} is there twice`);
    const { kind, version } = known;
    const { resource, findings, deprecationWarning } = validateObject(object, kind, version);
    if (deprecationWarning !== undefined) {
      const path = ["apiVersion"];
      problems.add("warning", at(path, false), name, path, deprecationWarning);
    }
    for (const { path, message, atKey } of findings)
      problems.add("error", at(path, atKey), name, path, message);
    if (resource === undefined || repeats.length > 0) {
      this.#refused.push(name);
      return;
    }
    const origin = { text: this.#text, format: this.#format, limits: this.#limits, start, within };
    this.#resources.push({ resource, origin });
  }
}

/** The items of `kind: List`, and of `HTTPRouteList` and its like. */
function itemsOf(node: MapNode): readonly TextNode[] | undefined {
  const kind = node.entries.find(({ key }) => key === "kind")?.value;
  const items = node.entries.find(({ key }) => key === "items")?.value;
  if (kind?.kind !== "scalar" || typeof kind.value !== "string" || !kind.value.endsWith("List"))
    return undefined;
  if (items === undefined) return [];
  return items.kind === "list" ? items.items : undefined;
}
