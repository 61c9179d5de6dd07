import { SyntaxProblem, quote } from "../text-node.ts";
import type { LoadLimits, TextNode } from "../text-node.ts";

interface Anchored {
  readonly node: TextNode;
  /** Nodes in it, with those of the aliases in it. */
  readonly nodes: number;
  /** How deep it nests below itself. */
  readonly height: number;
}

/** Knows the anchors of a document, and bounds how deep it nests and how much its aliases stand for. */
export class Anchors {
  readonly #limits: LoadLimits;
  readonly #anchors = new Map<string, Anchored>();
  #nodes = 0;
  #aliasNodes = 0;
  #depth = 0;
  #deepest = 0;

  constructor(limits: LoadLimits) {
    this.#limits = limits;
  }

  countNode(at: number): void {
    this.#nodes++;
    this.#reach(this.#depth, at);
  }

  /** A list or object begins. */
  enter(at: number): void {
    this.#nodes++;
    this.#reach(++this.#depth, at);
  }

  leave(): void {
    this.#depth--;
  }

  /** Starts to measure a node; the result tells how many nodes there were since, and how deep they nest. */
  measure(): () => { nodes: number; height: number } {
    const { nodes, depth, deepest } = {
      nodes: this.#nodes,
      depth: this.#depth,
      deepest: this.#deepest,
    };
    this.#deepest = depth;
    return () => {
      const height = this.#deepest - depth;
      this.#deepest = Math.max(deepest, this.#deepest);
      return { nodes: this.#nodes - nodes, height };
    };
  }

  define(name: string, node: TextNode, nodes: number, height: number): void {
    this.#anchors.set(name, { node, nodes, height });
  }

  /** The node of an alias. An anchor is known only when its node has ended, so there are no cycles. */
  use(name: string, at: number): TextNode {
    const anchored = this.#anchors.get(name);
    if (anchored === undefined)
      throw new SyntaxProblem(at, `alias of ${quote(name)}, but there is no such anchor before it`);
    this.#nodes += anchored.nodes;
    this.#aliasNodes += anchored.nodes;
    if (this.#aliasNodes > this.#limits.aliasNodesMax) {
      throw new SyntaxProblem(
        at,
        `aliases stand for more than ${this.#limits.aliasNodesMax} values`,
      );
    }
    this.#reach(this.#depth + anchored.height, at);
    return anchored.node;
  }

  #reach(depth: number, at: number): void {
    if (depth > this.#limits.depthMax)
      throw new SyntaxProblem(at, `nested deeper than ${this.#limits.depthMax} levels`);
    if (depth > this.#deepest) this.#deepest = depth;
  }
}
