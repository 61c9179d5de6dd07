import type { MatcherConfig, OnMatchConfig, TreeConfig } from "../matching/model.ts";

/** The actions of a matcher tree in the order in which a configuration writes them down. */
export function treeActions<Action>({ tree, onNoMatch }: MatcherConfig<Action>): Action[] {
  const inside = tree === null ? [] : onMatchesOf(tree).flatMap(actionsOf);
  return onNoMatch === null ? inside : [...inside, ...actionsOf(onNoMatch)];
}

function actionsOf<Action>(onMatch: OnMatchConfig<Action>): Action[] {
  return onMatch.kind === "action" ? [onMatch.action] : treeActions(onMatch.matcher);
}

function onMatchesOf<Action>(tree: TreeConfig<Action>): OnMatchConfig<Action>[] {
  switch (tree.kind) {
    case "list":
    case "ip_range":
    case "domain":
      return tree.matchers.map(({ onMatch }) => onMatch);
    case "exact":
    case "prefix":
      return tree.map.map(([, onMatch]) => onMatch);
  }
}
