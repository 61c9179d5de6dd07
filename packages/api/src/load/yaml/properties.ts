import { SyntaxProblem } from "../text-node.ts";
import type { TextNode } from "../text-node.ts";
import type { Anchors } from "./anchors.ts";
import type { Cursor } from "./cursor.ts";

/** What stands in front of a node. */
export interface Properties {
  anchor: string | undefined;
  tag: string | undefined;
  readonly at: number;
}

/** Reads anchors, tags and aliases at the position of a cursor. */
export class PropertyReader {
  readonly #cursor: Cursor;
  readonly #anchors: Anchors;

  constructor(cursor: Cursor, anchors: Anchors) {
    this.#cursor = cursor;
    this.#anchors = anchors;
  }

  /** Anchor and tag, in any order; undefined when there is neither. */
  read(): Properties | undefined {
    const cursor = this.#cursor;
    let properties: Properties | undefined;
    for (;;) {
      const char = cursor.text[cursor.at];
      if (char !== "&" && char !== "!") return properties;
      properties ??= { anchor: undefined, tag: undefined, at: cursor.at };
      const at = cursor.at;
      const word = this.#word();
      const kind = char === "&" ? "anchor" : "tag";
      if (properties[kind] !== undefined)
        throw new SyntaxProblem(at, `a second ${kind} of one value`);
      if (word === "&") throw new SyntaxProblem(at, 'expected a name after "&"');
      properties[kind] = char === "&" ? word.slice(1) : word;
      const after = cursor.at;
      cursor.skipSpaces();
      const next = cursor.text[cursor.at];
      if (next !== "&" && next !== "!") {
        cursor.at = after;
        return properties;
      }
    }
  }

  /** What stands up to the next white space or flow indicator. */
  #word(): string {
    const match = /[^\s,[\]{}]*/y;
    match.lastIndex = this.#cursor.at;
    const word = match.exec(this.#cursor.text)?.[0] ?? "";
    this.#cursor.at += word.length;
    return word;
  }

  /** Reads the node behind its properties, and gives them to it. */
  apply(properties: Properties, read: () => TextNode): TextNode {
    const measure = this.#anchors.measure();
    let node = read();
    if (properties.tag === "!" && node.kind === "scalar" && !node.quoted)
      node = { ...node, value: node.text, quoted: true };
    if (properties.anchor !== undefined) {
      const { nodes, height } = measure();
      this.#anchors.define(properties.anchor, node, nodes, height);
    } else {
      measure();
    }
    return node;
  }

  /** The node that the alias at the position stands for. */
  alias(): TextNode {
    const at = this.#cursor.at;
    const name = this.#word().slice(1);
    return this.#anchors.use(name, at);
  }
}
