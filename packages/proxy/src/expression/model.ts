import type { Expr } from "@nuncio/api/types/cel/expr/syntax_pb";

/** `envoy.config.core.v3.CelExpressionConfig`: what an expression may use beyond Envoy's safe defaults. */
export interface ExpressionOptions {
  /** `string(…)`. */
  readonly stringConversion: boolean;
  /** `+` of strings and bytes. */
  readonly stringConcat: boolean;
  /** `lowerAscii`, `replace`, `split`, `substring` and their kin. */
  readonly stringFunctions: boolean;
}

/** The node as `xds.node` has it. */
export interface ExpressionNode {
  readonly id: string;
  readonly cluster: string;
  readonly locality: Locality;
}

/** `envoy.config.core.v3.Locality`, under its proto names. */
export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly sub_zone: string;
}

/** A checked expression as plain, structured-cloneable data: main parses, a worker builds. */
export interface ExpressionPlan {
  /** The syntax tree, `cel.expr.Expr` without its prototypes. */
  readonly root: Expr;
  readonly options: ExpressionOptions;
  /** Null where the expression does not read it. */
  readonly node: ExpressionNode | null;
}
