/**
 * CEL, the Common Expression Language, over Envoy's attributes (`request.path`, `source.address`, `xds.cluster_name` …).
 *
 * Main thread: `compileExpression(text, options, ctx, message, field)` for text, with problems reported;
 * `compileExpressionText` and `compileExpressionTree` (for the `expr` of a `ParsedExpr` or `CheckedExpr`) give
 * `{ plan }` or `{ error }`. A plan is plain data and can be posted. They are in `compile.ts`, which only main may import.
 *
 * Worker: `buildExpression(plan)` gives an `Expression`; `matches(context)` is true when its value is `true`, and an
 * error of evaluation is false. Building is synchronous and loads the library with the first expression of the thread;
 * without expressions nothing of it is loaded. Only `expression.ts` and `model.ts` are loaded at the start.
 */
export { buildExpression } from "./expression.ts";
export type { Expression } from "./expression.ts";
