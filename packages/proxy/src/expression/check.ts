import type { Expr, Expr_Call } from "@nuncio/api/types/cel/expr/syntax_pb";
import { RE2JS } from "re2js";
import { hasFunction } from "./functions.ts";
import type { ExpressionOptions } from "./model.ts";
import { constantPattern, subexpressions } from "./walk.ts";

/** What is wrong with an expression that is grammatical, in Envoy's words; null when it can be built. */
export function checkExpression(root: Expr | undefined, options: ExpressionOptions): string | null {
  for (const expr of subexpressions(root)) {
    const problem = checkOne(expr, options);
    if (problem !== null) return problem;
  }
  return null;
}

function checkOne(expr: Expr | undefined, options: ExpressionOptions): string | null {
  switch (expr?.exprKind.case) {
    case "callExpr":
      return checkCall(expr.exprKind.value, options) ?? checkPattern(expr);
    case "comprehensionExpr":
      return "Comprehension support is disabled";
    case undefined:
      return "Invalid empty expression";
    default:
      return null;
  }
}

function checkCall(
  { target, args, function: name }: Expr_Call,
  options: ExpressionOptions,
): string | null {
  // `strings.quote(x)` is a function with a dot in its name, not a method of a variable `strings`.
  if (target?.exprKind.case === "identExpr") {
    const qualified = `${target.exprKind.value.name}.${name}`;
    if (hasFunction(qualified, "global", args.length, options)) return null;
  }
  return hasFunction(name, target === undefined ? "global" : "method", args.length, options)
    ? null
    : `No overload found in reference resolve step for ${name}`;
}

/** A constant regular expression must compile. */
function checkPattern(expr: Expr): string | null {
  const pattern = constantPattern(expr);
  if (pattern === null) return null;
  try {
    RE2JS.compile(pattern);
    return null;
  } catch (error) {
    return `invalid regular expression: ${(error as Error).message}`;
  }
}
