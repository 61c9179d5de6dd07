import type { Expr } from "@nuncio/api/types/cel/expr/syntax_pb";

/** An expression and all within it; undefined where a syntax tree that was not parsed from text has a hole. */
export function* subexpressions(expr: Expr | undefined): Generator<Expr | undefined> {
  yield expr;
  for (const part of partsOf(expr)) yield* subexpressions(part);
}

function partsOf(expr: Expr | undefined): readonly (Expr | undefined)[] {
  const kind = expr?.exprKind;
  switch (kind?.case) {
    case "selectExpr":
      return [kind.value.operand];
    case "callExpr":
      return kind.value.target === undefined
        ? kind.value.args
        : [kind.value.target, ...kind.value.args];
    case "listExpr":
      return kind.value.elements;
    case "structExpr":
      return kind.value.entries.flatMap(({ keyKind, value }) =>
        keyKind.case === "mapKey" ? [keyKind.value, value] : [value],
      );
    default:
      return [];
  }
}

/** The pattern of a `matches` call when it is a constant; null otherwise. */
export function constantPattern(expr: Expr | undefined): string | null {
  if (expr?.exprKind.case !== "callExpr" || expr.exprKind.value.function !== "matches") return null;
  const pattern = expr.exprKind.value.args.at(-1)?.exprKind;
  return pattern?.case === "constExpr" && pattern.value.constantKind.case === "stringValue"
    ? pattern.value.constantKind.value
    : null;
}
