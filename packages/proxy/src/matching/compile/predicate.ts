import type {
  Matcher_MatcherList_Predicate,
  Matcher_MatcherList_Predicate_SinglePredicate,
} from "@nuncio/api/types/xds/type/matcher/v3/matcher_pb";
import { compileStringMatcher } from "../../http/route/matchers/string-matcher.ts";
import type { ValueKind } from "../extension.ts";
import { inputMatcherConfigSides } from "../matchers/main-registry.ts";
import type { PredicateConfig, ValueMatcherConfig } from "../model.ts";
import { compileInput, type InputRules } from "./input.ts";
import { unpackExtension } from "./unpack-extension.ts";

/** A predicate as plain data; null when something is wrong with it, which was reported. */
export function compilePredicate(
  message: Matcher_MatcherList_Predicate | undefined,
  rules: InputRules,
): PredicateConfig | null {
  const type = message?.matchType;
  switch (type?.case) {
    case "singlePredicate":
      return compileSingle(type.value, rules);
    case "orMatcher":
      return { kind: "or", predicates: compileAll(type.value.predicate, rules) };
    case "andMatcher":
      return { kind: "and", predicates: compileAll(type.value.predicate, rules) };
    case "notMatcher": {
      const predicate = compilePredicate(type.value, rules);
      return predicate === null ? null : { kind: "not", predicate };
    }
    case undefined:
      return null;
  }
}

function compileAll(
  messages: readonly Matcher_MatcherList_Predicate[],
  rules: InputRules,
): PredicateConfig[] {
  return messages
    .map((message) => compilePredicate(message, rules))
    .filter((predicate) => predicate !== null);
}

function compileSingle(
  message: Matcher_MatcherList_Predicate_SinglePredicate,
  rules: InputRules,
): PredicateConfig | null {
  const value = compileValueMatcher(message, rules);
  if (value === null) return null;
  const input = compileInput(message.input, rules, value.takes, "the matcher");
  return input === null ? null : { kind: "single", input, matcher: value.matcher };
}

function compileValueMatcher(
  { matcher }: Matcher_MatcherList_Predicate_SinglePredicate,
  { ctx }: InputRules,
): { readonly matcher: ValueMatcherConfig; readonly takes: readonly ValueKind[] } | null {
  switch (matcher.case) {
    case "valueMatch": {
      const string = compileStringMatcher(matcher.value, ctx);
      return { matcher: { kind: "string", string }, takes: ["string"] };
    }
    case "customMatch": {
      const found = unpackExtension(matcher.value, inputMatcherConfigSides, ctx);
      if (found === null) return null;
      const { side, message } = found;
      const plain = side.compile(message as never, ctx);
      return { matcher: { kind: "custom", type: side.configType, plain }, takes: side.takes };
    }
    case undefined:
      return null;
  }
}
