import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { FormatContext } from "../observe/stream-info.ts";
import type { ExpressionPlan } from "./model.ts";

/** An expression on a worker. Errors of evaluation (a missing key, a wrong type) are no exceptions. */
export interface Expression {
  /** Whether the value is `true`; an error or a value of another type is not. */
  matches(context: FormatContext): boolean;
  /** The value as `%CEL(…)%` prints it, a byte string; null for an error. */
  text(context: FormatContext): string | null;
  /** The value as `%TYPED_CEL(…)%` has it, JSON in a byte string; `null` for an error. */
  json(context: FormatContext): string;
  /** The value when it is a string, a byte string; null otherwise. */
  string(context: FormatContext): string | null;
}

/** Builds what main compiled. The evaluator is loaded with the first expression, and synchronously. */
export function buildExpression(plan: ExpressionPlan): Expression {
  evaluator ??= createRequire(import.meta.url)(
    fileURLToPath(new URL("./evaluator.ts", import.meta.url)),
  ) as typeof import("./evaluator.ts");
  return new evaluator.CelExpression(plan);
}

let evaluator: typeof import("./evaluator.ts") | null = null;
