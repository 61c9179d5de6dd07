import type { DocumentObjects, Match, Route, Rule } from "./objects.ts";

// Both translators call what they make of a route `<kind>/<namespace>/<name>/rule/<i>/match/<j>`.

const OBJECT_PARTS = 3;
const RULE = 4;
const MATCH = 6;

/** How the names of all that is made of a route begin. */
export function routePrefix({ kind, key }: Route): string {
  return `${kind.toLowerCase()}/${key}`;
}

/** The same, of such a name. */
export function prefixOf(name: string): string {
  return name.split("/", OBJECT_PARTS).join("/");
}

/** Where in its route something stands. */
export function placeOf(name: string): { readonly rule: number; readonly match: number } {
  const parts = name.split("/");
  return { rule: Number(parts[RULE]), match: Number(parts[MATCH]) };
}

/** The route that something is made of. */
export function routeOf({ routes }: DocumentObjects, name: string): Route | undefined {
  const prefix = prefixOf(name);
  return routes.find((one) => routePrefix(one) === prefix);
}

/** The rule that it is made of. */
export function ruleOf(objects: DocumentObjects, name: string): Rule | undefined {
  return routeOf(objects, name)?.rules[placeOf(name).rule];
}

/** The match that it is made of; undefined also where the rule has none. */
export function matchOf(objects: DocumentObjects, name: string): Match | undefined {
  return ruleOf(objects, name)?.matches?.[placeOf(name).match];
}
