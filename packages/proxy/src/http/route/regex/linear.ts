import type { ByteSet } from "./byte-set.ts";
import type { Node, ParsedPattern } from "./parse.ts";

/** More positions than this are not examined: the pattern is left to RE2. */
const MAX_POSITIONS = 256;
/** A pattern whose parts without loops have more ways through them than this is left to RE2. */
const MAX_PATHS = 64;

/**
 * Whether a backtracking engine matches the whole of any subject in time linear in its length. True when one of
 * these can be proved:
 *
 * - The pattern is deterministic: behind each byte there is exactly one way to take the next, so that whatever the
 *   engine comes back to fails at once. Parts outside of all loops may have a few ways (`/(v1|v2)/`): each costs
 *   one more pass at most.
 * - It is a deterministic pattern that ends in one loop over a class, and a tail without loops and with few ways
 *   through it (`.*\.png`): the tail is tried at most once per byte.
 */
export function isLinearFullMatch(pattern: ParsedPattern): boolean {
  const { node } = pattern;
  const parts = node.kind === "sequence" ? node.parts : [node];
  if (isDeterministic(parts)) return true;
  const loop = parts.findIndex((part) => !isFinite(part));
  if (loop < 0) return paths(node) <= MAX_PATHS;
  const head = parts.slice(0, loop + 1);
  const tail: Node = { kind: "sequence", parts: parts.slice(loop + 1) };
  if (!isClassLoop(parts[loop]!) || !isFinite(tail)) return false;
  return isDeterministic(head) && pathsOutsideLoops(head) * paths(tail) <= MAX_PATHS;
}

/**
 * Whether looking for the leftmost match is linear: with an anchor at the start there is one place to look at;
 * without one, only patterns without loops are.
 */
export function isLinearSearch(pattern: ParsedPattern): boolean {
  if (pattern.anchoredStart) return isLinearFullMatch(pattern);
  return isFinite(pattern.node) && paths(pattern.node) <= MAX_PATHS;
}

/** Groups inside of repetitions: native expressions forget their capture with each round, RE2 does not. */
export function hasCaptureInRepeat(node: Node, inRepeat = false): boolean {
  switch (node.kind) {
    case "set":
      return false;
    case "sequence":
      return node.parts.some((part) => hasCaptureInRepeat(part, inRepeat));
    case "choice":
      return node.options.some((option) => hasCaptureInRepeat(option, inRepeat));
    case "repeat":
      return hasCaptureInRepeat(node.node, true);
    case "group":
      return (node.capturing && inRepeat) || hasCaptureInRepeat(node.node, inRepeat);
  }
}

/** Repetitions of what may be empty: the two engines leave such loops in different ways. */
export function hasEmptyRepeat(node: Node): boolean {
  switch (node.kind) {
    case "set":
      return false;
    case "sequence":
      return node.parts.some(hasEmptyRepeat);
    case "choice":
      return node.options.some(hasEmptyRepeat);
    case "repeat":
      return isNullable(node.node) || hasEmptyRepeat(node.node);
    case "group":
      return hasEmptyRepeat(node.node);
  }
}

function isNullable(node: Node): boolean {
  switch (node.kind) {
    case "set":
      return false;
    case "sequence":
      return node.parts.every(isNullable);
    case "choice":
      return node.options.some(isNullable);
    case "repeat":
      return node.min === 0 || isNullable(node.node);
    case "group":
      return isNullable(node.node);
  }
}

function isFinite(node: Node): boolean {
  switch (node.kind) {
    case "set":
      return true;
    case "sequence":
      return node.parts.every(isFinite);
    case "choice":
      return node.options.every(isFinite);
    case "repeat":
      return node.max !== Number.POSITIVE_INFINITY && isFinite(node.node);
    case "group":
      return isFinite(node.node);
  }
}

function isClassLoop(node: Node): boolean {
  if (node.kind === "group") return isClassLoop(node.node);
  return (
    node.kind === "repeat" && node.max === Number.POSITIVE_INFINITY && node.node.kind === "set"
  );
}

/** An upper bound for the ways through a pattern without loops. */
function paths(node: Node): number {
  switch (node.kind) {
    case "set":
      return 1;
    case "sequence":
      return node.parts.reduce((product, part) => product * paths(part), 1);
    case "choice":
      return node.options.reduce((sum, option) => sum + paths(option), 0);
    case "group":
      return paths(node.node);
    case "repeat": {
      const each = paths(node.node);
      let total = 0;
      for (let n = node.min; n <= node.max && total <= MAX_PATHS; n++) total += each ** n;
      return total;
    }
  }
}

/** The ways through the ambiguous parts without loops, of all of them together. */
function pathsOutsideLoops(parts: readonly Node[]): number {
  return parts.filter(isFewWays).reduce((product, part) => product * paths(part), 1);
}

/** Whether a part has no loop, and more than one way to take some byte. */
function isFewWays(part: Node): boolean {
  return isFinite(part) && !isUnambiguous((automaton) => automaton.add(part));
}

/** What begins, ends and may skip a part of the pattern; positions are numbers of its sets (Glushkov's automaton). */
interface Ends {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly nullable: boolean;
}

const AMBIGUOUS = new Error("two ways to take the next byte");

/**
 * Whether each byte can be taken in one way only, loops included: no two parses of any subject. Ways within one of
 * `parts` that has no loop are allowed, up to the limit for all of them together.
 */
function isDeterministic(parts: readonly Node[]): boolean {
  if (parts.some(hasEmptyRepeat) || pathsOutsideLoops(parts) > MAX_PATHS) return false;
  return isUnambiguous((automaton) => automaton.addParts(parts));
}

function isUnambiguous(build: (automaton: Automaton) => Ends): boolean {
  const automaton = new Automaton();
  try {
    automaton.checkDisjoint(build(automaton).first);
    automaton.checkFollowers();
    return true;
  } catch (error) {
    if (error === AMBIGUOUS) return false;
    throw error;
  }
}

/** The part of a position where no second way is allowed. */
const ONE_WAY = -1;

class Automaton {
  readonly #sets: ByteSet[] = [];
  readonly #followers: Set<number>[] = [];
  /** The number of the part with a few ways that a position stands in, or ONE_WAY. */
  readonly #parts: number[] = [];
  #part = ONE_WAY;

  addParts(parts: readonly Node[]): Ends {
    let ends = EMPTY;
    for (const [index, part] of parts.entries()) {
      this.#part = isFewWays(part) ? index : ONE_WAY;
      ends = this.#join(ends, this.add(part));
    }
    return ends;
  }

  add(node: Node): Ends {
    switch (node.kind) {
      case "set":
        return this.#position(node.set);
      case "group":
        return this.add(node.node);
      case "sequence":
        return node.parts.map((part) => this.add(part)).reduce((a, b) => this.#join(a, b), EMPTY);
      case "choice":
        return this.#choice(node.options.map((option) => this.add(option)));
      case "repeat":
        return this.#repeat(node);
    }
  }

  checkFollowers(): void {
    for (const followers of this.#followers) this.checkDisjoint([...followers]);
  }

  checkDisjoint(positions: readonly number[]): void {
    for (let i = 0; i < positions.length; i++) {
      for (let j = i + 1; j < positions.length; j++) {
        const [a, b] = [positions[i]!, positions[j]!];
        if (!this.#inFewWays(a, b) && this.#sets[a]!.intersects(this.#sets[b]!)) throw AMBIGUOUS;
      }
    }
  }

  #inFewWays(a: number, b: number): boolean {
    return this.#parts[a] !== ONE_WAY && this.#parts[a] === this.#parts[b];
  }

  #position(set: ByteSet): Ends {
    if (this.#sets.length === MAX_POSITIONS) throw AMBIGUOUS;
    const position = this.#sets.push(set) - 1;
    this.#followers.push(new Set());
    this.#parts.push(this.#part);
    return { first: [position], last: [position], nullable: false };
  }

  #join(a: Ends, b: Ends): Ends {
    this.#link(a.last, b.first);
    return {
      first: a.nullable ? [...a.first, ...b.first] : a.first,
      last: b.nullable ? [...a.last, ...b.last] : b.last,
      nullable: a.nullable && b.nullable,
    };
  }

  #choice(options: readonly Ends[]): Ends {
    // Two empty options are two ways through.
    if (this.#part === ONE_WAY && options.filter((option) => option.nullable).length > 1)
      throw AMBIGUOUS;
    return {
      first: options.flatMap((option) => option.first),
      last: options.flatMap((option) => option.last),
      nullable: options.some((option) => option.nullable),
    };
  }

  /** `x{2,4}` stands for `xx(x(x)?)?`, `x{2,}` for `xx(x)*`: each round has positions of its own. */
  #repeat({ node, min, max }: Node & { kind: "repeat" }): Ends {
    let ends = EMPTY;
    for (let n = 0; n < min; n++) ends = this.#join(ends, this.add(node));
    if (max === Number.POSITIVE_INFINITY) {
      const loop = this.add(node);
      this.#link(loop.last, loop.first);
      return this.#join(ends, { ...loop, nullable: true });
    }
    const optional: Ends[] = [];
    for (let n = min; n < max; n++) optional.push(this.add(node));
    const rest = optional.reduceRight(
      (behind, round) => ({ ...this.#join(round, behind), nullable: true }),
      EMPTY,
    );
    return this.#join(ends, rest);
  }

  /** A byte that can follow another for two reasons (`(a+)+`) can be taken in two ways. */
  #link(last: readonly number[], first: readonly number[]): void {
    for (const from of last) {
      const followers = this.#followers[from]!;
      for (const to of first) {
        if (followers.has(to) && !this.#inFewWays(from, to)) throw AMBIGUOUS;
        followers.add(to);
      }
    }
  }
}

const EMPTY: Ends = { first: [], last: [], nullable: true };
