import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { allCommands } from "../command-line/all-commands.ts";
import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { namedCommand } from "../command-line/find-command.ts";
import { UsageError } from "../usage-error.ts";
import { VERSION } from "../version.ts";
import { manualPage, pageName } from "./page.ts";

/** `nuncio man` */
export const MAN_COMMAND: Command = {
  usage: ["[COMMAND...]", "--folder FOLDER"],
  about: `
Prints the manual page of nuncio, or of one of its commands, for man(1):
  nuncio man ctl xds | man -l -`,
  flags: [
    {
      name: "folder",
      value: "FOLDER",
      help: "write the pages of all commands there: nuncio.1, nuncio-proxy.1 and so on",
    },
    HELP_FLAG,
  ],
  operand: "COMMAND",
  run: async ({ given, operands, commands }) => {
    const folder = given.get("folder")?.[0];
    if (folder !== undefined && operands.length > 0)
      throw new UsageError(`--folder: expected no command beside it, got "${operands.join(" ")}"`);
    namedCommand(commands, operands);
    const nodes = await allCommands(commands);
    if (folder === undefined) {
      const node = nodes.find(({ words }) => words.join(" ") === operands.join(" "))!;
      process.stdout.write(manualPage(node, VERSION));
      return 0;
    }
    mkdirSync(folder, { recursive: true });
    for (const node of nodes)
      writeFileSync(join(folder, `${pageName(node.words)}.1`), manualPage(node, VERSION));
    return 0;
  },
};
