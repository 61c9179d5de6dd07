import type { WorkerContext } from "../base/worker-context.ts";
import { buildStringMatcher } from "../http/route/matchers/string-matcher.ts";
import type { MatchInput, MatchInputBuilders, ValueTest } from "./extension.ts";
import { inputMatcherWorkerSides } from "./matchers/worker-registry.ts";
import type {
  ExtensionConfig,
  MatcherConfig,
  OnMatchConfig,
  PredicateConfig,
  TreeConfig,
  ValueMatcherConfig,
} from "./model.ts";
import { DomainTree } from "./tree/domain-tree.ts";
import { ExactTree } from "./tree/exact-tree.ts";
import { IpIntervals } from "./tree/ip-intervals.ts";
import { IpRangeTree } from "./tree/ip-range-tree.ts";
import { ListTree } from "./tree/list-tree.ts";
import { AnyTree, OnMatch, type MatchTree } from "./tree/match-tree.ts";
import { allOf, anyOf, not, Verdict, type Predicate } from "./tree/predicate.ts";
import { PrefixTree } from "./tree/prefix-tree.ts";

/** What a matcher on a worker is built with: the inputs that it may have, and how an action is built. */
export interface MatcherParts<Data, Plain, Action> {
  readonly worker: WorkerContext;
  readonly inputs: MatchInputBuilders<Data>;
  buildAction(plain: Plain): Action;
}

/** Worker side of what `compileMatcher` gave. */
export function buildMatcher<Data, Plain, Action>(
  config: MatcherConfig<Plain>,
  parts: MatcherParts<Data, Plain, Action>,
): MatchTree<Data, Action> {
  return new Builder(parts).matcher(config);
}

class Builder<Data, Plain, Action> {
  readonly #parts: MatcherParts<Data, Plain, Action>;

  constructor(parts: MatcherParts<Data, Plain, Action>) {
    this.#parts = parts;
  }

  matcher({ tree, onNoMatch }: MatcherConfig<Plain>): MatchTree<Data, Action> {
    const otherwise = onNoMatch === null ? null : this.#onMatch(onNoMatch);
    return tree === null ? new AnyTree(otherwise) : this.#tree(tree, otherwise);
  }

  #tree(tree: TreeConfig<Plain>, otherwise: OnMatch<Data, Action> | null): MatchTree<Data, Action> {
    if (tree.kind === "list") {
      const predicates = tree.matchers.map(({ predicate }) => this.#predicate(predicate));
      const onMatches = tree.matchers.map(({ onMatch }) => this.#onMatch(onMatch));
      return new ListTree(predicates, onMatches, otherwise);
    }
    const input = this.#input(tree.input);
    switch (tree.kind) {
      case "exact":
      case "prefix": {
        const map = new Map(tree.map.map(([key, onMatch]) => [key, this.#onMatch(onMatch)]));
        return new (tree.kind === "exact" ? ExactTree : PrefixTree)(input, map, otherwise);
      }
      case "ip_range": {
        const ranges = tree.matchers.flatMap(({ ranges: own, exclusive, onMatch }) => {
          const value = { onMatch: this.#onMatch(onMatch), exclusive };
          return own.map(({ ip, bits }) => ({ ip, bits, value }));
        });
        return new IpRangeTree(input, new IpIntervals(ranges), otherwise);
      }
      case "domain": {
        const domains = tree.matchers.flatMap(({ domains: own, onMatch }) => {
          const built = this.#onMatch(onMatch);
          return own.map((domain) => [domain, built] as const);
        });
        return new DomainTree(input, domains, otherwise);
      }
    }
  }

  #onMatch(config: OnMatchConfig<Plain>): OnMatch<Data, Action> {
    const { keepMatching } = config;
    return config.kind === "action"
      ? new OnMatch<Data, Action>(this.#parts.buildAction(config.action), null, keepMatching)
      : new OnMatch<Data, Action>(null, this.matcher(config.matcher), keepMatching);
  }

  #predicate(config: PredicateConfig): Predicate<Data> {
    switch (config.kind) {
      case "single":
        return single(this.#input(config.input), this.#test(config.matcher));
      case "and":
        return allOf(config.predicates.map((predicate) => this.#predicate(predicate)));
      case "or":
        return anyOf(config.predicates.map((predicate) => this.#predicate(predicate)));
      case "not":
        return not(this.#predicate(config.predicate));
    }
  }

  #input({ type, plain }: ExtensionConfig): MatchInput<Data> {
    return this.#parts.inputs.get(type)!.build(plain as never);
  }

  #test(config: ValueMatcherConfig): ValueTest {
    if (config.kind === "custom") {
      const side = inputMatcherWorkerSides.get(config.type)!;
      return side.build(config.plain as never, this.#parts.worker);
    }
    const matches = buildStringMatcher(config.string);
    return (value) => value !== null && matches(value as string);
  }
}

function single<Data>(input: MatchInput<Data>, test: ValueTest): Predicate<Data> {
  return (data) => {
    const value = input(data);
    if (value === undefined) return Verdict.Unable;
    return test(value) ? Verdict.Yes : Verdict.No;
  };
}
