/**
 * A radix tree of prefixes with the numbers of their routes in ascending order. A walk over a path visits the groups
 * of all its prefixes, shortest first, without making anything.
 */
export class PrefixTrie {
  readonly #root = new TrieNode("");
  #path = "";
  /** The node to visit next, and where its label ends in the path. */
  #node: TrieNode | null = null;
  #at = 0;

  /** Routes are added in ascending order. */
  add(prefix: string, route: number): void {
    let node = this.#root;
    let at = 0;
    while (at < prefix.length) {
      const child = node.child(prefix[at]!);
      if (child === null) {
        node = node.addChild(prefix.slice(at));
        break;
      }
      const common = commonLength(child.label, prefix, at);
      if (common < child.label.length) child.split(common);
      node = child;
      at += common;
    }
    node.addRoute(route);
  }

  /** Begins a walk; one at a time. */
  start(path: string): void {
    this.#path = path;
    this.#node = this.#root;
    this.#at = 0;
  }

  /** The next group of the walk that is not empty; null at its end. */
  next(): readonly number[] | null {
    const path = this.#path;
    while (this.#node !== null) {
      const node = this.#node;
      const child: TrieNode | null = this.#at < path.length ? node.child(path[this.#at]!) : null;
      if (child !== null && path.startsWith(child.label, this.#at)) {
        this.#node = child;
        this.#at += child.label.length;
      } else {
        this.#node = null;
      }
      if (node.routes.length > 0) return node.routes;
    }
    // Nothing of a request stays behind.
    this.#path = "";
    return null;
  }
}

/** One for all nodes: most of them have no routes or no children. */
const NOTHING: never[] = [];

class TrieNode {
  /** What stands between the parent and this node. */
  label: string;
  routes: number[] = NOTHING;
  /** The first character of each child's label, and the children in the same order. */
  #heads = "";
  #children: TrieNode[] = NOTHING;

  constructor(label: string) {
    this.label = label;
  }

  child(head: string): TrieNode | null {
    const at = this.#heads.indexOf(head);
    return at < 0 ? null : this.#children[at]!;
  }

  addRoute(route: number): void {
    if (this.routes === NOTHING) this.routes = [route];
    else this.routes.push(route);
  }

  addChild(label: string): TrieNode {
    const child = new TrieNode(label);
    this.#heads += label[0]!;
    if (this.#children === NOTHING) this.#children = [child];
    else this.#children.push(child);
    return child;
  }

  /** Cuts the label after `length` characters: what was here hangs below. */
  split(length: number): void {
    const below = new TrieNode(this.label.slice(length));
    below.routes = this.routes;
    below.#heads = this.#heads;
    below.#children = this.#children;
    this.label = this.label.slice(0, length);
    this.routes = NOTHING;
    this.#heads = below.label[0]!;
    this.#children = [below];
  }
}

/** How many characters of `label` stand in `text` from `at` on. */
function commonLength(label: string, text: string, at: number): number {
  let length = 0;
  while (length < label.length && label.charCodeAt(length) === text.charCodeAt(at + length))
    length++;
  return length;
}
