/** A value of a YAML or JSON text, before it is known which message it is for. `at` is its offset in the text. */
export type TextNode = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: "scalar";
  readonly at: number;
  readonly value: string | number | boolean | null;
  /** As written, without quotes: numbers keep their digits. */
  readonly text: string;
  /** Quoted scalars are always strings; plain ones may have been read as something else. */
  readonly quoted: boolean;
  /** Strings of the text format may hold bytes that are not text. */
  readonly bytes?: Uint8Array;
}

export interface ListNode {
  readonly kind: "list";
  readonly at: number;
  readonly items: readonly TextNode[];
}

export interface MapNode {
  readonly kind: "map";
  readonly at: number;
  /** In the order of the text; keys may repeat. */
  readonly entries: readonly MapEntry[];
}

export interface MapEntry {
  readonly key: string;
  readonly keyAt: number;
  readonly value: TextNode;
}

/** Thrown by the parsers: the text is not YAML or JSON at all. Leaves this package as a value only. */
export class SyntaxProblem extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** What the parsers and the decoder may spend on one text. */
export interface LoadLimits {
  /** How deep lists, objects and messages may nest. */
  readonly depthMax: number;
  /** How many nodes the aliases of a YAML text may stand for in all. */
  readonly aliasNodesMax: number;
}

export const defaultLoadLimits: LoadLimits = { depthMax: 100, aliasNodesMax: 1_000_000 };

/** `the number 12`, `a list`: what was seen, for errors. */
export function describeNode(node: TextNode): string {
  if (node.kind === "list") return "a list";
  if (node.kind === "map") return "an object";
  if (node.value === null) return "null";
  if (typeof node.value === "string") return `the string ${quote(node.value)}`;
  return `the ${typeof node.value} ${String(node.value)}`;
}

/** A string as an error shows it: JSON quotes, cut where it is long. */
export function quote(text: string): string {
  return JSON.stringify(text.length <= 60 ? text : `${text.slice(0, 57)}...`);
}
