import { HELP_FLAG, isGroup, type Command } from "./command.ts";
import { namedCommand } from "./find-command.ts";
import { commandHelp, groupHelp } from "./help-text.ts";

/** `nuncio help` */
export const HELP_COMMAND: Command = {
  usage: ["[COMMAND...]"],
  about: "Prints all commands, or the flags of one of them.",
  flags: [HELP_FLAG],
  operand: "COMMAND",
  run: async ({ operands, commands }) => {
    const node = namedCommand(commands, operands);
    process.stdout.write(
      isGroup(node) ? groupHelp(operands, node) : commandHelp(operands, await node.load()),
    );
    return 0;
  },
};
