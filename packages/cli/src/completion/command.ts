import { allCommands } from "../command-line/all-commands.ts";
import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { UsageError } from "../usage-error.ts";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { completionsOf, type Completions } from "./shell-words.ts";
import { zshCompletion } from "./zsh.ts";

const SHELLS: { readonly [name: string]: (all: readonly Completions[]) => string } = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** `nuncio completion` */
export const COMPLETION_COMMAND: Command = {
  usage: Object.keys(SHELLS),
  about: `
Prints a script that has a shell complete commands, flags and their values:
  bash  source <(nuncio completion bash)
  zsh   source <(nuncio completion zsh), behind compinit
  fish  nuncio completion fish | source`,
  flags: [HELP_FLAG],
  operand: "SHELL",
  operandChoices: Object.keys(SHELLS),
  run: async ({ operands, commands }) => {
    const [shell = "", more] = operands;
    if (!Object.hasOwn(SHELLS, shell) || more !== undefined) {
      const seen = operands.length === 0 ? "none" : `"${operands.join(" ")}"`;
      const names = Object.keys(SHELLS).join(", ");
      throw new UsageError(`completion: expected one of ${names}, got ${seen}`);
    }
    process.stdout.write(SHELLS[shell]!(completionsOf(await allCommands(commands))));
    return 0;
  },
};
