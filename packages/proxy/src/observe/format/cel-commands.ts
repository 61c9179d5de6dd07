import type { NodeIdentity } from "../../config/context.ts";
import { compileExpressionText } from "../../expression/compile.ts";
import type { ExpressionOptions } from "../../expression/model.ts";
import type { CommandDefinition, CommandTable } from "./command.ts";
import { celBuilders } from "./commands/cel.ts";

/** `CEL` and `TYPED_CEL` of a format that lists the `cel` formatter extension, with its options. Main thread only. */
export function celCommands(options: ExpressionOptions, node: NodeIdentity): CommandTable {
  const definition: Omit<CommandDefinition, "build"> = {
    params: "optional",
    length: true,
    parse: (text) => {
      const compiled = compileExpressionText(text, options, node);
      return "error" in compiled ? compiled : { args: [{ expression: compiled.plan }] };
    },
  };
  return {
    CEL: { ...definition, ...celBuilders["CEL"]! },
    TYPED_CEL: { ...definition, ...celBuilders["TYPED_CEL"]! },
  };
}
