import { oneLine } from "../resources/one-line.ts";
import type { Condition } from "./condition.ts";
import type { ObjectStatus } from "./object-status.ts";

/** Conditions that are bad news when they are true; all others are when they are not. */
const BAD_WHEN_TRUE: ReadonlySet<string> = new Set([
  "Conflicted",
  "OverlappingTLSConfig",
  "PartiallyInvalid",
  "InsecureFrontendValidationMode",
]);

/** A status in words. */
export interface StatusLines {
  /** `HTTPRoute default/site` */
  readonly object: string;
  /** `attached to default/web: Accepted, ResolvedRefs`; one for each part of the status. */
  readonly good: readonly string[];
  /** `attached to default/web: ResolvedRefs=False BackendNotFound: ...` */
  readonly bad: readonly string[];
}

/** What a status says, the bad news apart from the rest. */
export function statusLines({ kind, key, status }: ObjectStatus): StatusLines {
  const good: string[] = [];
  const bad: string[] = [];
  const add = (part: string, conditions: readonly Condition[]): void => {
    const fine = conditions.filter((one) => one.status === "True" && !isBadNews(one));
    if (fine.length > 0) good.push(part + fine.map(({ type }) => type).join(", "));
    for (const one of conditions.filter(isBadNews))
      bad.push(oneLine(`${part}${one.type}=${one.status} ${one.reason}: ${one.message}`));
  };
  add("", status.conditions ?? []);
  for (const { name, conditions } of status.listeners ?? [])
    add(`listener ${name}: `, conditions.filter(isOfItself));
  for (const { parentRef, conditions } of status.parents ?? [])
    add(`attached to ${referenceText(parentRef)}: `, conditions);
  for (const { ancestorRef, conditions } of status.ancestors ?? [])
    add(`used by ${referenceText(ancestorRef)}: `, conditions);
  return { object: `${kind} ${key}`, good, bad };
}

/** A listener that waits does so with its Gateway, which says why. */
function isOfItself({ type, reason }: Condition): boolean {
  return type !== "Programmed" || reason !== "Pending";
}

/** Whether a condition says that something is not as it should be. */
export function isBadNews({ type, status }: Pick<Condition, "type" | "status">): boolean {
  return BAD_WHEN_TRUE.has(type) ? status === "True" : status !== "True";
}

/** `infra/web/https` */
export function referenceText(ref: {
  readonly namespace?: string;
  readonly name: string;
  readonly sectionName?: string;
}): string {
  return [ref.namespace, ref.name, ref.sectionName].filter((part) => part !== undefined).join("/");
}
