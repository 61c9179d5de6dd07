import { SyntaxProblem } from "../text-node.ts";
import type { ListNode, MapEntry, MapNode, ScalarNode, TextNode } from "../text-node.ts";
import type { Anchors } from "./anchors.ts";
import { colon } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { isMergeKey, mergedEntries } from "./merge-keys.ts";
import type { MergeKeys } from "./merge-keys.ts";
import type { PlainReader } from "./plain-reader.ts";
import { plainScalar } from "./plain-scalar.ts";
import type { PropertyReader } from "./properties.ts";
import { quotedScalar } from "./quoted-scalar.ts";

/** Reads what stands in brackets: flow style, in which indentation means nothing. */
export class FlowParser {
  readonly #cursor: Cursor;
  readonly #plain: PlainReader;
  readonly #anchors: Anchors;
  readonly #properties: PropertyReader;
  readonly #mergeKeys: MergeKeys;

  constructor(
    cursor: Cursor,
    plain: PlainReader,
    anchors: Anchors,
    properties: PropertyReader,
    mergeKeys: MergeKeys,
  ) {
    this.#cursor = cursor;
    this.#plain = plain;
    this.#anchors = anchors;
    this.#properties = properties;
    this.#mergeKeys = mergeKeys;
  }

  #node(): TextNode {
    const cursor = this.#cursor;
    cursor.skipToFlowContent();
    const properties = this.#properties.read();
    if (properties === undefined) return this.#bareNode();
    return this.#properties.apply(properties, () => {
      cursor.skipToFlowContent();
      return this.#bareNode();
    });
  }

  #bareNode(): TextNode {
    const cursor = this.#cursor;
    const char = cursor.text[cursor.at] ?? "";
    if (char === "*") return this.#properties.alias();
    if (char === "[" || char === "{") return this.collection();
    this.#anchors.countNode(cursor.at);
    if (char === '"' || char === "'") return quotedScalar(cursor);
    if (char === "," || char === "]" || char === "}" || this.#plain.atFlowColon(cursor.at))
      return plainScalar("", cursor.at);
    return this.#plain.flow();
  }

  /** Reads the list or object at the position. */
  collection(): ListNode | MapNode {
    const cursor = this.#cursor;
    const at = cursor.at++;
    this.#anchors.enter(at);
    const isMap = cursor.text[at] === "{";
    const close = isMap ? "}" : "]";
    const items: TextNode[] = [];
    const entries: MapEntry[] = [];
    const merged: TextNode[] = [];
    for (;;) {
      cursor.skipToFlowContent();
      if (cursor.atEnd) throw new SyntaxProblem(at, `"${cursor.text[at]}" without its "${close}"`);
      if (cursor.text[cursor.at] === close) break;
      if (isMap) this.#entry(entries, merged);
      else items.push(this.#item());
      cursor.skipToFlowContent();
      const char = cursor.text[cursor.at];
      if (char === ",") cursor.at++;
      else if (char !== close) {
        if (cursor.atEnd)
          throw new SyntaxProblem(at, `"${cursor.text[at]}" without its "${close}"`);
        throw cursor.unexpected(`"," or "${close}"`);
      }
    }
    cursor.at++;
    this.#anchors.leave();
    return isMap
      ? { kind: "map", at, entries: mergedEntries(entries, merged) }
      : { kind: "list", at, items };
  }

  #entry(entries: MapEntry[], merged: TextNode[]): void {
    const cursor = this.#cursor;
    const properties = this.#properties.read();
    if (properties !== undefined) cursor.skipToFlowContent();
    const key = this.#key();
    const value = this.#value(key);
    if (properties?.anchor !== undefined) this.#anchors.define(properties.anchor, key, 1, 0);
    if (isMergeKey(key.text, key.quoted, key.at, this.#mergeKeys)) merged.push(value);
    else if (properties?.tag !== "!ignore") entries.push({ key: key.text, keyAt: key.at, value });
  }

  #key(): ScalarNode {
    const { at } = this.#cursor;
    const key = this.#bareNode();
    if (key.kind !== "scalar")
      throw new SyntaxProblem(at, "keys that are lists or objects are not supported");
    if (key.text === "" && !key.quoted) throw this.#cursor.unexpected("a key");
    return key;
  }

  /** The value after a key in brackets; a key alone has none. */
  #value(key: ScalarNode): TextNode {
    const cursor = this.#cursor;
    cursor.skipToFlowContent();
    const isPair = cursor.code === colon && (key.quoted || this.#plain.atFlowColon(cursor.at));
    if (!isPair) return plainScalar("", cursor.at);
    cursor.at++;
    return this.#node();
  }

  /** An element of a list in brackets; `key: value` there is an object with that one entry. */
  #item(): TextNode {
    const cursor = this.#cursor;
    const at = cursor.at;
    if (cursor.text[at] === ",") throw cursor.unexpected("a value");
    const node = this.#node();
    const end = cursor.at;
    cursor.skipToFlowContent();
    const isPair =
      node.kind === "scalar" &&
      cursor.code === colon &&
      (node.quoted || this.#plain.atFlowColon(cursor.at));
    cursor.at = isPair ? cursor.at : end;
    if (!isPair) return node;
    if (node.text === "" && !node.quoted) throw cursor.unexpected("a key");
    return {
      kind: "map",
      at,
      entries: [{ key: node.text, keyAt: at, value: this.#value(node) }],
    };
  }
}
