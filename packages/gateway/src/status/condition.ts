/** A condition of a status, without the time of its last transition: that is the status writer's. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  /** CamelCase, as Gateway API names it. */
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
}

/** `metav1.Condition` as it is written. */
export interface WrittenCondition extends Condition {
  /** RFC 3339, in whole seconds. */
  readonly lastTransitionTime: string;
}

/** What was found: a condition before it is known which generation of the object it is of. */
export type Finding = Omit<Condition, "observedGeneration">;

/** Findings as conditions of an object of this generation. */
export function observed(
  findings: readonly Finding[],
  observedGeneration: number,
): readonly Condition[] {
  return findings.map((found) => ({ ...found, observedGeneration }));
}

/** A finding in one line. */
export function finding(
  type: string,
  status: Finding["status"],
  reason: string,
  message: string,
): Finding {
  return { type, status, reason, message };
}

/** ResolvedRefs: the reason of the first reference that leads nowhere, and what is said of all of them. */
export function resolvedRefs(
  problems: readonly { readonly reason: string; readonly message: string }[],
): Finding {
  const [problem] = problems;
  if (problem === undefined)
    return finding("ResolvedRefs", "True", "ResolvedRefs", "all references lead somewhere");
  const messages = problems.map(({ message }) => message).join("; ");
  return finding("ResolvedRefs", "False", problem.reason, messages);
}
