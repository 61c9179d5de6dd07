import { finding, type Finding } from "../../status/condition.ts";
import type { Objection } from "./objection.ts";

/** What is said of a listener, but whether the data plane has it. */
export function listenerFindings(
  objections: readonly Objection[],
  overlap: Finding | undefined,
): readonly Finding[] {
  const accepted = first(objections, "accepted");
  const refs = first(objections, "resolvedRefs");
  const conflicted = first(objections, "conflicted");
  return [
    accepted === undefined
      ? finding("Accepted", "True", "Accepted", "the listener is valid")
      : finding("Accepted", "False", ...accepted),
    refs === undefined
      ? finding("ResolvedRefs", "True", "ResolvedRefs", "all references lead to objects")
      : finding("ResolvedRefs", "False", ...refs),
    conflicted === undefined
      ? finding("Conflicted", "False", "NoConflicts", "no other listener has its place")
      : finding("Conflicted", "True", ...conflicted),
    ...(overlap === undefined ? [] : [overlap]),
  ];
}

/** Why a listener is not served; undefined: it is, once the data plane has it. */
export function notServed(objections: readonly Objection[]): Finding | undefined {
  const programmed = first(objections, "programmed");
  return programmed === undefined ? undefined : finding("Programmed", "False", ...programmed);
}

/** The first reason of a kind, and all messages that come with one. */
function first(
  objections: readonly Objection[],
  name: "accepted" | "resolvedRefs" | "programmed" | "conflicted",
): [reason: string, message: string] | undefined {
  const found = objections.filter((objection) => objection[name] !== undefined);
  const [one] = found;
  return one === undefined
    ? undefined
    : [one[name]!, found.map(({ message }) => message).join("; ")];
}
