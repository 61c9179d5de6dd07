import type { LabelSelector } from "../translated-gateway.ts";

type Labels = Readonly<Record<string, string>>;

/** What is wrong with a selector; undefined: nothing. The rules are those of `metav1.LabelSelectorAsSelector`. */
export function selectorProblem({ matchExpressions = [] }: LabelSelector): string | undefined {
  for (const { key, operator, values = [] } of matchExpressions) {
    switch (operator) {
      case "In":
      case "NotIn":
        if (values.length === 0) return `operator ${operator} of ${key}: expected values, got none`;
        break;
      case "Exists":
      case "DoesNotExist":
        if (values.length > 0)
          return `operator ${operator} of ${key}: expected no values, got ${values.join(", ")}`;
        break;
      default:
        return `operator of ${key}: expected In, NotIn, Exists or DoesNotExist, got ${operator}`;
    }
  }
  return undefined;
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
