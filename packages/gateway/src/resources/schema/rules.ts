import { CelError } from "../cel/cel-error.ts";
import { compileCel } from "../cel/compile.ts";
import type { CelProgram } from "../cel/compile.ts";
import type { Check } from "./report.ts";
import type { ValidationRule } from "./schema.ts";

interface CompiledRule {
  readonly rule: string;
  readonly holds: CelProgram;
  readonly message: string;
  readonly makeMessage: CelProgram | undefined;
  /** The field within the value that the rule is about. */
  readonly fieldPath: readonly string[];
}

/**
 * The rules of a value as one check. Those that compare with the value before (`oldSelf`) say nothing about a file.
 * Undefined when there are none.
 */
export function compileRules(rules: readonly ValidationRule[]): Check | undefined {
  const own = rules.filter(({ rule }) => !/\boldSelf\b/.test(rule));
  if (own.length === 0) return undefined;
  // Compiled with the first value that they are for: most values have few of all the fields with rules.
  let compiled: CompiledRule[] | undefined;
  return (value, report) => {
    compiled ??= own.map(compileRule);
    for (const rule of compiled) {
      const failure = failureOf(rule, value);
      if (failure === undefined) continue;
      report.path.push(...rule.fieldPath);
      report.add(failure);
      report.path.length -= rule.fieldPath.length;
    }
  };
}

function compileRule(rule: ValidationRule): CompiledRule {
  return {
    rule: rule.rule,
    holds: compileCel(rule.rule),
    message: rule.message ?? `breaks the rule ${rule.rule.trim()}`,
    makeMessage:
      rule.messageExpression === undefined ? undefined : compileCel(rule.messageExpression),
    fieldPath: (rule.fieldPath ?? "").split(".").filter((step) => step !== ""),
  };
}

/** What to say when the value breaks the rule; a rule that cannot be evaluated is broken, as for the API server. */
function failureOf(rule: CompiledRule, self: unknown): string | undefined {
  try {
    if (rule.holds(self) === true) return undefined;
    const made = rule.makeMessage?.(self);
    return typeof made === "string" && made !== "" ? made : rule.message;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return `cannot evaluate the rule ${rule.rule.trim()}: ${error.message}`;
  }
}
