import type { WorkerContext } from "../base/worker-context.ts";
import { buildMatcher } from "../matching/build.ts";
import type { MatchInputBuilders } from "../matching/extension.ts";
import type {
  ExtensionConfig,
  MapTreeConfig,
  MatcherConfig,
  OnMatchConfig,
  PredicateConfig,
  TreeConfig,
  ValueMatcherConfig,
} from "../matching/model.ts";
import type { Runtime } from "../runtime/snapshot.ts";
import type { MatcherStep } from "./model.ts";
import { quoted, stringTest } from "./route-criteria.ts";

/** Where a matcher tree came to, and by which steps. */
export interface MatcherWalk<Action> {
  /** Null when nothing matched. */
  readonly action: Action | null;
  readonly steps: readonly MatcherStep[];
}

/**
 * Goes the way of a request or connection through a matcher tree. Where it ends is what the tree says that workers
 * build; each step on the way is put to a tree of this step only.
 */
export class MatcherWalker<Data, Action> {
  readonly #config: MatcherConfig<Action>;
  readonly #inputs: MatchInputBuilders<Data>;
  readonly #worker: WorkerContext;

  constructor(config: MatcherConfig<Action>, inputs: MatchInputBuilders<Data>, runtime: Runtime) {
    this.#config = config;
    this.#inputs = inputs;
    this.#worker = { ...NO_WORKER, runtime } as WorkerContext;
  }

  walk(data: Data): MatcherWalk<Action> {
    const found = this.#match(this.#config, data);
    return { action: found?.action ?? null, steps: this.#steps(this.#config, data) };
  }

  #match<Plain>(config: MatcherConfig<Plain>, data: Data): { readonly action: Plain } | null {
    const tree = buildMatcher(config, {
      worker: this.#worker,
      inputs: this.#inputs,
      buildAction: (action) => ({ action }),
    });
    return tree.match(data) ?? null;
  }

  #steps({ tree, onNoMatch }: MatcherConfig<Action>, data: Data): MatcherStep[] {
    const steps = tree === null ? [] : this.#treeSteps(tree, data);
    if (steps.some(({ held }) => held)) return steps;
    if (onNoMatch === null) return steps;
    return [
      ...steps,
      { text: "on_no_match", seen: "", held: true },
      ...this.#below(onNoMatch, data),
    ];
  }

  #treeSteps(tree: TreeConfig<Action>, data: Data): MatcherStep[] {
    switch (tree.kind) {
      case "list":
        return this.#listSteps(tree.matchers, data);
      case "exact":
      case "prefix":
        return this.#mapSteps(tree, data);
      case "ip_range":
      case "domain": {
        const held = this.#match({ tree, onNoMatch: null }, data) !== null;
        const text = `${tree.kind} of ${inputText(tree.input)}`;
        return [{ text, seen: this.#seen(tree.input, data), held }];
      }
    }
  }

  #listSteps(
    matchers: readonly {
      readonly predicate: PredicateConfig;
      readonly onMatch: OnMatchConfig<Action>;
    }[],
    data: Data,
  ): MatcherStep[] {
    const steps: MatcherStep[] = [];
    for (const { predicate, onMatch } of matchers) {
      const only: MatcherConfig<true> = {
        tree: { kind: "list", matchers: [{ predicate, onMatch: YES }] },
        onNoMatch: null,
      };
      const held = this.#match(only, data) !== null;
      const seen = inputsOf(predicate).map((input) => this.#seen(input, data));
      steps.push({ text: predicateText(predicate), seen: seen.join(", "), held });
      if (!held) continue;
      const below = this.#below(onMatch, data);
      steps.push(...below);
      // A matcher below that comes to nothing, or `keep_matching`: the next one's turn.
      if (this.#comesToSomething(onMatch, data)) return steps;
      steps[steps.length - 1 - below.length] = {
        ...steps[steps.length - 1 - below.length]!,
        held: false,
      };
    }
    return steps;
  }

  #mapSteps(tree: MapTreeConfig<Action>, data: Data): MatcherStep[] {
    const map = tree.map.map(
      ([key], index) => [key, { kind: "action", action: index, keepMatching: false }] as const,
    );
    const found = this.#match<number>({ tree: { ...tree, map }, onNoMatch: null }, data);
    const name = `${tree.kind}_match_map of ${inputText(tree.input)}`;
    const seen = this.#seen(tree.input, data);
    if (found === null) return [{ text: name, seen, held: false }];
    const [key, onMatch] = tree.map[found.action]!;
    return [{ text: `${name}: ${quoted(key)}`, seen, held: true }, ...this.#below(onMatch, data)];
  }

  #below(onMatch: OnMatchConfig<Action>, data: Data): MatcherStep[] {
    return onMatch.kind === "matcher" ? this.#steps(onMatch.matcher, data) : [];
  }

  #comesToSomething(onMatch: OnMatchConfig<Action>, data: Data): boolean {
    if (onMatch.keepMatching) return false;
    return onMatch.kind === "action" || this.#match(onMatch.matcher, data) !== null;
  }

  #seen({ type, plain }: ExtensionConfig, data: Data): string {
    const value: unknown = this.#inputs.get(type)!.build(plain as never)(data);
    if (value === undefined) return "not there yet";
    if (value === null) return "absent";
    return typeof value === "string" ? quoted(value) : JSON.stringify(value);
  }
}

const YES = { kind: "action", action: true, keepMatching: false } as const;

/** Chance in a predicate never holds here, as nothing is drawn. */
const NO_WORKER = { random: () => 1 - 2 ** -53, nowMs: () => 0, wallMs: () => 0 };

function predicateText(predicate: PredicateConfig): string {
  switch (predicate.kind) {
    case "single":
      return `${inputText(predicate.input)} ${valueText(predicate.matcher)}`;
    case "and":
    case "or":
      return `(${predicate.predicates.map(predicateText).join(` ${predicate.kind} `)})`;
    case "not":
      return `not ${predicateText(predicate.predicate)}`;
  }
}

function valueText(matcher: ValueMatcherConfig): string {
  if (matcher.kind === "string") return stringTest(matcher.string);
  return `${shortName(matcher.type)} ${JSON.stringify(matcher.plain)}`;
}

function inputsOf(predicate: PredicateConfig): ExtensionConfig[] {
  switch (predicate.kind) {
    case "single":
      return [predicate.input];
    case "and":
    case "or":
      return predicate.predicates.flatMap(inputsOf);
    case "not":
      return inputsOf(predicate.predicate);
  }
}

/** `HttpRequestHeaderMatchInput "x-k"`. */
function inputText({ type, plain }: ExtensionConfig): string {
  const details = plain === null || plain === undefined ? "" : ` ${JSON.stringify(plain)}`;
  return shortName(type) + details;
}

function shortName(type: string): string {
  return type.slice(type.lastIndexOf(".") + 1);
}
