import { quote } from "@nuncio/api";
import {
  expectedLabelKey,
  expectedLabelValue,
  isLabelKey,
  isLabelValue,
} from "../../resources/label-syntax.ts";
import type { LabelSelector } from "../translated-gateway.ts";

type Labels = Readonly<Record<string, string>>;

/** What is wrong with a selector; undefined: nothing. The rules are those of `metav1.LabelSelectorAsSelector`. */
export function selectorProblem(selector: LabelSelector): string | undefined {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  for (const [key, value] of Object.entries(matchLabels)) {
    const problem = keyProblem(key) ?? valueProblem(key, value);
    if (problem !== undefined) return problem;
  }
  for (const requirement of matchExpressions) {
    const problem = requirementProblem(requirement);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function requirementProblem({ key, operator, values = [] }: Requirement): string | undefined {
  const wrongKey = keyProblem(key);
  if (wrongKey !== undefined) return wrongKey;
  switch (operator) {
    case "In":
    case "NotIn": {
      if (values.length === 0) return `operator ${operator} of ${key}: expected values, got none`;
      return values.map((value) => valueProblem(key, value)).find((one) => one !== undefined);
    }
    case "Exists":
    case "DoesNotExist":
      if (values.length === 0) return undefined;
      return `operator ${operator} of ${key}: expected no values, got ${values.join(", ")}`;
    default:
      return `operator of ${key}: expected In, NotIn, Exists or DoesNotExist, got ${operator}`;
  }
}

function keyProblem(key: string): string | undefined {
  return isLabelKey(key) ? undefined : `expected ${expectedLabelKey}, got ${quote(key)}`;
}

function valueProblem(key: string, value: string): string | undefined {
  if (isLabelValue(value)) return undefined;
  return `value of ${key}: expected ${expectedLabelValue}, got ${quote(value)}`;
}

/** All requirements hold. A selector with a problem selects nothing. */
export function selects(selector: LabelSelector, labels: Labels): boolean {
  if (selectorProblem(selector) !== undefined) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((requirement) => holds(requirement, labels))
  );
}

type Requirement = NonNullable<LabelSelector["matchExpressions"]>[number];

function holds({ key, operator, values = [] }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    default:
      return value === undefined;
  }
}
