import type {
  Constant,
  Expr,
  Expr_Call,
  Expr_CreateStruct,
} from "@nuncio/api/types/cel/expr/syntax_pb";
import { RE2JS } from "re2js";
import { hasFunction } from "./functions.ts";
import { checkMessage } from "./messages.ts";
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
    case "structExpr":
      return checkStruct(expr.exprKind.value);
    case "constExpr":
      return checkNumber(expr.exprKind.value);
    case "comprehensionExpr":
      return "Comprehension support is disabled";
    case undefined:
      return "Invalid empty expression";
    default:
      return null;
  }
}

function checkStruct({ messageName, entries }: Expr_CreateStruct): string | null {
  if (messageName === "") return null;
  const fields = entries.flatMap(({ keyKind }) =>
    keyKind.case === "fieldKey" ? [keyKind.value] : [],
  );
  return checkMessage(messageName, fields);
}

function checkNumber({ constantKind }: Constant): string | null {
  const { case: kind, value } = constantKind;
  const tooLarge =
    (kind === "int64Value" && (value > INT_MAX || value < INT_MIN)) ||
    (kind === "uint64Value" && value > UINT_MAX);
  return tooLarge ? `invalid ${kind === "int64Value" ? "int" : "uint"} literal: ${value}` : null;
}

const INT_MIN = -(2n ** 63n);
const INT_MAX = 2n ** 63n - 1n;
const UINT_MAX = 2n ** 64n - 1n;

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
