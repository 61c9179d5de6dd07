import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { versionLine } from "../version.ts";

/** `nuncio version` */
export const VERSION_COMMAND: Command = {
  usage: [""],
  about: "Prints the version.",
  flags: [HELP_FLAG],
  run: async () => {
    process.stdout.write(`${versionLine()}\n`);
    return 0;
  },
};
