import { parse } from "@bufbuild/cel";
import type { Expr } from "@nuncio/api/types/cel/expr/syntax_pb";

/** Parses CEL text into a syntax tree. Throws an `Error` where it is not grammatical. Loaded when it is first needed. */
export function parseText(text: string): Expr | undefined {
  return parse(text).expr;
}
