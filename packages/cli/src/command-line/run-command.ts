import { readFlags } from "../flags.ts";
import { isGroup, type CommandGroup } from "./command.ts";
import { findCommand, unknownCommand } from "./find-command.ts";
import { commandHelp, groupHelp } from "./help-text.ts";

/**
 * Runs the command of a table that the arguments name, and resolves to the exit code.
 *
 * @throws UsageError
 */
export async function runCommand(commands: CommandGroup, args: readonly string[]): Promise<number> {
  const { words, node } = findCommand(commands, args);
  const rest = args.slice(words.length);
  if (isGroup(node)) {
    if (rest[0] !== "--help" && rest[0] !== "-h") throw unknownCommand(words, node, rest[0]);
    process.stdout.write(groupHelp(words, node));
    return 0;
  }
  const command = await node.load();
  const operands: string[] = [];
  const takesOperands = command.operand !== undefined;
  const given = readFlags(command.flags, rest, takesOperands ? operands : undefined);
  if (given.has("help")) {
    process.stdout.write(commandHelp(words, command));
    return 0;
  }
  return command.run({ given, operands, commands });
}
