import type { Message } from "@bufbuild/protobuf";
import {
  checkImplemented,
  formatProblem,
  load,
  validate,
  type ImplementedTable,
} from "@nuncio/api";
import type { CompileContext } from "../../config/context.ts";
import type { ReceivedResource } from "../../config/subscriptions.ts";
import { implementedTable } from "../implemented.ts";

/** What is the same for all resources. */
export type ResourceContext = Omit<CompileContext, "problems">;

/** A resource as plain data, or why it is refused: the text that `--mode validate` prints for it. */
export type CompiledResource<Shape extends Message, Plain> =
  | { readonly message: Shape; readonly plain: Plain }
  | { readonly error: string };

/**
 * The way of one resource that came while the proxy runs: load → validate → implemented → compile, as that of the
 * bootstrap. Never throws because of its input. `table` has the fields that are implemented.
 */
export function compileResource<Shape extends Message, Plain>(
  { typeUrl, name, value }: Pick<ReceivedResource, "typeUrl" | "name" | "value">,
  context: ResourceContext,
  allowUnimplemented: boolean,
  compile: (message: Shape, ctx: CompileContext) => Plain,
  table: ImplementedTable = implementedTable(),
): CompiledResource<Shape, Plain> {
  const typeName = typeUrl.slice(typeUrl.indexOf("/") + 1);
  const loaded = load<Shape>(typeName, [{ name, content: value, format: "binary" }]);
  const { message, problems } = loaded;
  validate(loaded);
  checkImplemented(message, table, problems, { allowUnimplemented });
  // A message that broke a rule may lack what compiling relies on.
  const plain = problems.hasErrors ? undefined : compile(message, { ...context, problems });
  if (plain !== undefined && !problems.hasErrors) return { message, plain };
  for (const target of context.targets) target.release();
  const errors = problems.list.filter(({ severity }) => severity === "error");
  return { error: errors.map(formatProblem).join("\n") };
}
