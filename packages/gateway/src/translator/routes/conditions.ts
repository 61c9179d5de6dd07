import {
  finding,
  observed,
  resolvedRefs,
  type Condition,
  type Finding,
} from "../../status/condition.ts";
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
export function parentConditions(outcome: ParentOutcome): readonly Condition[] {
  const { generation, refusal, problems, dropped } = outcome;
  const [first] = dropped;
  const findings: Finding[] = [
    refusal === undefined
      ? finding("Accepted", "True", "Accepted", "the route is accepted")
      : finding("Accepted", "False", refusal.reason, refusal.message),
    resolvedRefs(problems),
  ];
  if (refusal === undefined && first !== undefined) {
    const rules = dropped.map(({ index }) => index).join(", ");
    const message = `Dropped Rule ${rules}: ${faultTexts(dropped)}`;
    const reason = first.faults.reason ?? "UnsupportedValue";
    findings.push(finding("PartiallyInvalid", "True", reason, message));
  }
  return observed(findings, generation);
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
