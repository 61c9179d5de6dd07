import type { Message } from "@bufbuild/protobuf";
import type {
  Matcher,
  Matcher_MatcherTree,
  Matcher_OnMatch,
} from "@nuncio/api/types/xds/type/matcher/v3/matcher_pb";
import { toByteString } from "../observe/format/byte-string.ts";
import { compileCustomTree } from "./compile/custom-tree.ts";
import { compileInput, type InputRules } from "./compile/input.ts";
import { compilePredicate } from "./compile/predicate.ts";
import { unpackExtension } from "./compile/unpack-extension.ts";
import type { MatcherConfig, OnMatchConfig, TreeConfig } from "./model.ts";

/** What the matchers of one place may say. */
export interface MatcherRules<Action> extends InputRules {
  readonly keepMatching: boolean;
  /** By message type; null where an action has problems of its own, which it reported. */
  readonly actions: ReadonlyMap<string, (message: Message) => Action | null>;
}

/** A tree of matchers as plain data; what is wrong is reported, and left out. */
export function compileMatcher<Action>(
  message: Matcher,
  rules: MatcherRules<Action>,
): MatcherConfig<Action> {
  return {
    tree: compileTree(message, rules),
    onNoMatch: compileOnMatch(message.onNoMatch, rules),
  };
}

function compileTree<Action>(
  { matcherType }: Matcher,
  rules: MatcherRules<Action>,
): TreeConfig<Action> | null {
  switch (matcherType.case) {
    case "matcherList": {
      const matchers = matcherType.value.matchers.flatMap((matcher) => {
        const predicate = compilePredicate(matcher.predicate, rules);
        const onMatch = compileOnMatch(matcher.onMatch, rules);
        return predicate === null || onMatch === null ? [] : [{ predicate, onMatch }];
      });
      return { kind: "list", matchers };
    }
    case "matcherTree":
      return compileKeyTree(matcherType.value, rules);
    case undefined:
      return null;
  }
}

function compileKeyTree<Action>(
  { input: extension, treeType }: Matcher_MatcherTree,
  rules: MatcherRules<Action>,
): TreeConfig<Action> | null {
  const input = compileInput(extension, rules, ["string"], "a matcher tree");
  switch (treeType.case) {
    case "customMatch":
      return compileCustomTree(treeType.value, input, rules.ctx, (on) => compileOnMatch(on, rules));
    case "exactMatchMap":
    case "prefixMatchMap": {
      const kind = treeType.case === "exactMatchMap" ? "exact" : "prefix";
      const map = Object.entries(treeType.value.map).flatMap(([key, on]) => {
        const onMatch = compileOnMatch(on, rules);
        return onMatch === null ? [] : [[toByteString(key), onMatch] as const];
      });
      return input === null ? null : { kind, input, map };
    }
    case undefined:
      return null;
  }
}

/** Null for none, and for one with problems, which were reported. */
function compileOnMatch<Action>(
  message: Matcher_OnMatch | undefined,
  rules: MatcherRules<Action>,
): OnMatchConfig<Action> | null {
  if (message === undefined) return null;
  const { onMatch, keepMatching } = message;
  if (keepMatching && !rules.keepMatching) {
    const text = "keep_matching is not supported in this context";
    rules.ctx.problems.error(message, "keep_matching", text);
  }
  switch (onMatch.case) {
    case "matcher":
      return { kind: "matcher", matcher: compileMatcher(onMatch.value, rules), keepMatching };
    case "action": {
      const found = unpackExtension(onMatch.value, rules.actions, rules.ctx);
      const action = found === null ? null : found.side(found.message);
      return action === null ? null : { kind: "action", action, keepMatching };
    }
    case undefined:
      return null;
  }
}
