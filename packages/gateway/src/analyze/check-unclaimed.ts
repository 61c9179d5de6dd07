import type { Resource } from "../resources/object.ts";
import { isClaimable, parentText, whyUnclaimed } from "../status/unclaimed.ts";
import { hasStatus } from "./has-status.ts";
import { isRoute } from "./is-route.ts";
import type { AnalyzedResources, Finding } from "./mistake.ts";
import { OF_OTHERS, withoutEffect } from "./without-effect.ts";

/**
 * Objects that nobody here has to do with, so that no status tells of them, and parents of routes that are left alone.
 *
 * @param found what other checks have found: they say more
 */
export function checkUnclaimed(
  { objects, store, pipeline }: AnalyzedResources,
  found: readonly Finding[],
): readonly Finding[] {
  const explained = new Set(found.filter(({ rule }) => WHY.has(rule)).map(({ object }) => object));
  const claimable = objects.filter((object) => isClaimable(object.kind) && !explained.has(object));
  return claimable.flatMap((object): Finding[] => {
    if (hasStatus(pipeline, object)) return foreignParents(store, object);
    const message = `nobody here has to do with it: ${whyUnclaimed(store, object)}`;
    return [{ rule: "unclaimed", severity: "warning", object, path: [], message }];
  });
}

const WHY: ReadonlySet<string> = new Set(["missing-object", "other-controller", "unused-policy"]);

function foreignParents(store: AnalyzedResources["store"], object: Resource): Finding[] {
  if (!isRoute(object)) return [];
  const { parentRefs = [] } = object.spec;
  return parentRefs.flatMap((ref, index) => {
    const isOurs = ref.kind === undefined || ref.kind === "Gateway" || ref.kind === "ListenerSet";
    if (isOurs) return [];
    const message = `${parentText(store, object, ref)}: it is left alone`;
    return [withoutEffect(object, ["spec", "parentRefs", index], message, OF_OTHERS)];
  });
}
