import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Message } from "@bufbuild/protobuf";
import type { Expr } from "@nuncio/api/types/cel/expr/syntax_pb";
import type { CelExpressionConfig } from "@nuncio/api/types/envoy/config/core/v3/cel_pb";
import type { CompileContext, NodeIdentity } from "../config/context.ts";
import { checkExpression } from "./check.ts";
import type { ExpressionNode, ExpressionOptions, ExpressionPlan } from "./model.ts";
import { subexpressions } from "./walk.ts";

/** An expression, or what is wrong with it, in Envoy's words. */
export type CompiledExpression = { readonly plan: ExpressionPlan } | { readonly error: string };

/** Fields of `CelExpressionConfig`; all off without one. */
export function expressionOptions(config: CelExpressionConfig | undefined): ExpressionOptions {
  return {
    stringConversion: config?.enableStringConversion ?? false,
    stringConcat: config?.enableStringConcat ?? false,
    stringFunctions: config?.enableStringFunctions ?? false,
  };
}

/** Compiles CEL text. Main thread only: the parser is loaded with the first expression. */
export function compileExpressionText(
  text: string,
  options: ExpressionOptions,
  node: NodeIdentity,
): CompiledExpression {
  let root: Expr | undefined;
  try {
    root = loadParser().parseText(text);
  } catch (error) {
    return { error: `Not able to parse expression: ${(error as Error).message}` };
  }
  return compileExpressionTree(root, options, node);
}

/**
 * Compiles a syntax tree as configuration brings it: the `expr` of a `cel.expr.ParsedExpr` or `CheckedExpr`, or of
 * their twins in `google.api.expr.v1alpha1`, which have the same shape.
 */
export function compileExpressionTree(
  tree: unknown,
  options: ExpressionOptions,
  node: NodeIdentity,
): CompiledExpression {
  const problem = checkExpression(tree as Expr | undefined, options);
  if (problem !== null) return { error: `failed to create an expression: ${problem}` };
  const root = toPlain(tree) as Expr;
  return { plan: { root, options, node: readsXds(root) ? toNode(node) : null } };
}

/** As `compileExpressionText`, with problems at `message.field`; null then. */
export function compileExpression(
  text: string,
  options: ExpressionOptions,
  ctx: CompileContext,
  message: Message,
  field: string,
): ExpressionPlan | null {
  const compiled = compileExpressionText(text, options, ctx.node);
  if ("plan" in compiled) return compiled.plan;
  ctx.problems.error(message, field, compiled.error);
  return null;
}

/** The node is an attribute of `xds`. */
function readsXds(root: Expr): boolean {
  for (const expr of subexpressions(root)) {
    if (expr?.exprKind.case === "identExpr" && expr.exprKind.value.name === "xds") return true;
  }
  return false;
}

function toNode({ id, cluster, region, zone, subZone }: NodeIdentity): ExpressionNode {
  return { id, cluster, locality: { region, zone, sub_zone: subZone } };
}

/** Messages without their prototypes and type names, so that they can be posted. */
function toPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !key.startsWith("$"))
      .map(([key, field]) => [key, toPlain(field)]),
  );
}

let parser: typeof import("./parser.ts") | null = null;

/** The grammar is large, and most configurations have no expression. */
function loadParser(): typeof import("./parser.ts") {
  parser ??= createRequire(import.meta.url)(
    fileURLToPath(new URL("./parser.ts", import.meta.url)),
  ) as typeof import("./parser.ts");
  return parser;
}
