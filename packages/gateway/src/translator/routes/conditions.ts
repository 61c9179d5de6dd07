import type { Condition } from "../../status/condition.ts";
import type { ReferenceProblem } from "../backends/backend-references.ts";
import type { RouteRefusal } from "./attach.ts";
import type { DroppedRule } from "./http/rules.ts";

/** What a route says of one of its parents. */
export interface ParentOutcome {
  readonly generation: number;
  readonly refusal: RouteRefusal | undefined;
  readonly problems: readonly ReferenceProblem[];
  /** Of a route that is accepted all the same. */
  readonly dropped: readonly DroppedRule[];
}

/** Accepted, ResolvedRefs, and PartiallyInvalid where some rules are served and some are not. */
export function parentConditions(outcome: ParentOutcome): Condition[] {
  const { generation: observedGeneration, refusal, problems, dropped } = outcome;
  const [problem] = problems;
  const conditions: Condition[] = [
    {
      type: "Accepted",
      status: refusal === undefined ? "True" : "False",
      reason: refusal?.reason ?? "Accepted",
      message: refusal?.message ?? "the route is accepted",
      observedGeneration,
    },
    {
      type: "ResolvedRefs",
      status: problem === undefined ? "True" : "False",
      reason: problem?.reason ?? "ResolvedRefs",
      message:
        problem === undefined
          ? "all references lead somewhere"
          : problems.map(({ message }) => message).join("; "),
      observedGeneration,
    },
  ];
  if (refusal === undefined && dropped.length > 0)
    conditions.push({
      type: "PartiallyInvalid",
      status: "True",
      reason: dropped[0]!.faults.reason ?? "UnsupportedValue",
      message: `Dropped Rule ${dropped.map(({ index }) => index).join(", ")}: ${faultTexts(dropped)}`,
      observedGeneration,
    });
  return conditions;
}

/** Of all rules, if none is served. */
export function refusalOfRules(
  dropped: readonly DroppedRule[],
  rules: number,
): RouteRefusal | undefined {
  const [first] = dropped;
  if (first === undefined || dropped.length < rules) return undefined;
  return { reason: first.faults.reason ?? "UnsupportedValue", message: faultTexts(dropped) };
}

function faultTexts(dropped: readonly DroppedRule[]): string {
  return dropped.flatMap(({ faults }) => faults.messages).join("; ");
}
