import type { CompileContext, NodeIdentity } from "../../config/context.ts";
import { expressionOptions } from "../../expression/compile.ts";
import { celCommands } from "./cel-commands.ts";
import type { CommandTable } from "./command.ts";
import { BUILT_IN_COMMANDS } from "./commands/table.ts";

/** The commands of a format that lists no formatters, CEL with its default options among them. Main thread only. */
export function builtInCommands({ node }: Pick<CompileContext, "node">): CommandTable {
  let commands = tables.get(node);
  if (commands === undefined) {
    commands = { ...BUILT_IN_COMMANDS, ...celCommands(expressionOptions(undefined), node) };
    tables.set(node, commands);
  }
  return commands;
}

/** A configuration has thousands of header values. */
const tables = new WeakMap<NodeIdentity, CommandTable>();
